//! What is sent in the demo: three notifications of its own, or the user's in every form.

use std::path::Path;

use super::cast::Cast;
use super::evidence::secrets_in;
use super::folder::{APP, PLACEHOLDER, PROJECT, TOPIC};
use super::needle::{Needle, SecretKind};
use super::scan::{Place, is_in};
use super::scene::{Plan, Scene};
use super::stage::Stage;
use crate::cli::content::Content;
use crate::cli::input;
use crate::cli::send::NotificationFile;

/// What the demo's own servers have to say.
const OWN: [&str; 3] = [
    r#"{"title":"Anna Lindqvist","body":"The test came back: all clear! Call me tonight?","data":{"room":"!kitchen:chat.example"}}"#,
    r#"{"title":"Flat hunting in Malmö","body":"Jonas: the landlord said yes, keys on Friday","data":{"topic":"flat-4711"}}"#,
    r#"{"title":"Choir, second altos","body":"Rehearsal moved to St. Peter's, 19:30","data":{"topic":"choir-rehearsals"}}"#,
];

/// The three contents, in the order of the phones.
pub(crate) struct Script {
    contents: [Content; 3],
}

impl Script {
    /// The user's content three times, or the demo's own.
    pub(crate) fn new(file: Option<&Path>) -> anyhow::Result<Self> {
        let read = |json: &[u8]| NotificationFile::parse(json).map(|notification| notification.content);
        let contents = if let Some(file) = file {
            let content = read(&input::read(file)?)?;
            [content.clone(), content.clone(), content]
        } else {
            let [first, second, third] = OWN;
            [read(first.as_bytes())?, read(second.as_bytes())?, read(third.as_bytes())?]
        };
        for content in &contents {
            let (bytes, most) = (content.to_json().len(), sealpush_seal::MAX_CONTENT);
            anyhow::ensure!(
                bytes <= most,
                "the content is {bytes} bytes of JSON, and an envelope holds at most {most}"
            );
        }
        Ok(Self { contents })
    }

    /// What to search for, and which texts cannot be searched for: too short, or to be found in the demo's own
    /// files before anything was sent.
    pub(crate) fn needles(&self, before: &[Place]) -> (Vec<Needle>, Vec<String>) {
        let kinds =
            [SecretKind::SealedContent, SecretKind::ContentForTheRelay, SecretKind::ContentForTheRelay];
        let whose = ["iPhone", "Android", "old Android"];
        let mut needles = Vec::new();
        let mut not_searched: Vec<String> = Vec::new();
        for ((content, kind), whose) in self.contents.iter().zip(kinds).zip(whose) {
            let own: Vec<_> = secrets_in(content, whose, kind)
                .into_iter()
                .filter(|needle| !is_common(needle) && !before.iter().any(|place| is_in(needle, place)))
                .collect();
            let searched = |text: &String| {
                own.iter()
                    .any(|needle| needle.spellings.first().is_some_and(|(_, bytes)| bytes == text.as_bytes()))
            };
            not_searched.extend(content.texts().into_iter().filter(|text| !searched(text)));
            needles.extend(own);
        }
        not_searched.sort();
        not_searched.dedup();
        (needles, not_searched)
    }

    /// Sends them, one after the other.
    pub(crate) async fn play(self, stage: &Stage, cast: &mut Cast) -> anyhow::Result<Vec<Scene>> {
        let [first, second, third] = self.contents;
        let plan = |content, form, relay_may_read| Plan { content, form, relay_may_read };
        let Cast { chat, forum, iphone, android, old_android } = cast;
        Ok(vec![
            Scene::play(stage, chat, iphone, plan(first, "sealed_by_sender", false)).await?,
            Scene::play(stage, forum, android, plan(second, "sealed_by_relay", true)).await?,
            Scene::play(stage, forum, old_android, plan(third, "omitted", true)).await?,
        ])
    }
}

/// Words of the wire and of the simulators' records: a notification that says them is not leaked by them.
const WIRE: &str = "apns-id apns-expiration apns-push-type apns-priority apns-topic apns-collapse-id authorization bearer \
    content-type application/json content-length user-agent sealpush content-available mutable-content background \
    placeholder reference delivery sealed omitted message android priority collapse_key notification connection \
    version headers answer status apns_production apns_sandbox messages:send projects localhost subscription \
    subscriptions registration registrations envelope targets production sandbox outcome accepted urgency";

/// Whether it stands in what everybody may see.
fn is_common(needle: &Needle) -> bool {
    let Some((_, text)) = needle.spellings.first() else { return true };
    [PLACEHOLDER, APP, TOPIC, PROJECT, WIRE]
        .iter()
        .any(|common| common.as_bytes().windows(text.len().max(1)).any(|window| window == text.as_slice()))
}

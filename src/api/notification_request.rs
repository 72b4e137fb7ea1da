//! The body of `POST /v1/notifications`, and how it becomes a submission.

use std::borrow::Cow;
use std::collections::HashSet;
use std::str::FromStr;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::ApiLimits;
use crate::intake::{AuthenticatedSender, Submission, SubmittedContent, SubmittedTarget};
use crate::model::{Badge, DeliveryOptions, Kind, NotificationId, OptionError, SubscriptionId, Ttl, Urgency};
use crate::privacy::{ContentError, ReadableContent};
use crate::web::Problem;

/// As it comes. Text is borrowed from the body: envelopes are large and many.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NotificationRequest<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    urgency: Option<Urgency>,
    ttl: Option<u64>,
    collapse_key: Option<String>,
    #[serde(default)]
    kind: Kind,
    #[serde(default = "yes")]
    wait: bool,
    #[serde(borrow)]
    targets: Vec<TargetRequest<'a>>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetRequest<'a> {
    #[serde(borrow)]
    subscription: Cow<'a, str>,
    envelope: Option<Cow<'a, str>>,
    reference: Option<String>,
    badge: Option<u32>,
    sound: Option<String>,
}

fn yes() -> bool {
    true
}

impl NotificationRequest<'_> {
    /// Checks every member. `body_hash` is that of the bytes it was read from.
    pub(super) fn into_submission(
        self,
        sender: AuthenticatedSender,
        body_hash: [u8; 32],
        limits: ApiLimits,
    ) -> Result<Submission, Problem> {
        let id = NotificationId::parse_version(&self.id, 7)
            .map_err(|error| Problem::invalid("invalid_id", "/id", format!("{error}.")))?;
        let ttl = self.ttl.map_or(Ok(Ttl::default()), Ttl::from_seconds);
        let options = DeliveryOptions {
            kind: self.kind,
            urgency: self.urgency.unwrap_or(self.kind.default_urgency()),
            ttl: ttl.map_err(|error| Problem::invalid("ttl_out_of_range", "/ttl", format!("{error}.")))?,
        };
        let targets = targets(self.targets, limits.targets)?;
        let content = self.content.map(|raw| ReadableContent::parse(raw.get())).transpose();
        Ok(Submission {
            sender,
            id,
            body_hash,
            options,
            wait: self.wait,
            collapse_key: option(self.collapse_key.as_deref(), || "/collapse_key".to_owned())?,
            content: content.map_err(content_problem)?,
            targets,
        })
    }
}

fn targets(requests: Vec<TargetRequest<'_>>, most: usize) -> Result<Vec<SubmittedTarget>, Problem> {
    if requests.is_empty() || requests.len() > most {
        let detail = format!("A notification has 1 to {most} targets; this one has {}.", requests.len());
        return Err(Problem::invalid("target_count", "/targets", detail));
    }
    let (mut subscriptions, mut deliveries) =
        (HashSet::with_capacity(requests.len()), HashSet::with_capacity(requests.len()));
    requests
        .into_iter()
        .enumerate()
        .map(|(index, request)| {
            let target = target(request, index)?;
            if !subscriptions.insert(target.subscription) {
                let detail = "This subscription is a target twice; a notification reaches each once.";
                return Err(Problem::invalid("duplicate_target", at(index, "subscription"), detail));
            }
            if let SubmittedContent::Envelope(envelope) = &target.content
                && !deliveries.insert(*envelope.delivery_id().as_bytes())
            {
                let detail = "Two envelopes have one delivery id; draw 16 random bytes for each.";
                return Err(Problem::invalid("duplicate_delivery_id", at(index, "envelope"), detail));
            }
            Ok(target)
        })
        .collect()
}

fn target(request: TargetRequest<'_>, index: usize) -> Result<SubmittedTarget, Problem> {
    let subscription: SubscriptionId = request
        .subscription
        .parse()
        .map_err(|error| Problem::invalid("invalid_id", at(index, "subscription"), format!("{error}.")))?;
    let reference = option(request.reference.as_deref(), || at(index, "reference"))?;
    let content = match request.envelope {
        Some(_) if reference.is_some() => {
            let detail =
                "A reference beside an envelope would be seen by the push service for nothing: seal it in.";
            return Err(Problem::invalid("reference_beside_envelope", at(index, "reference"), detail));
        }
        Some(envelope) => {
            SubmittedContent::Envelope(sealpush_seal::Envelope::from_base64url(&envelope).map_err(
                |error| Problem::invalid("invalid_envelope", at(index, "envelope"), format!("{error}.")),
            )?)
        }
        None => SubmittedContent::Free { reference },
    };
    Ok(SubmittedTarget {
        subscription,
        content,
        badge: request.badge.map(Badge),
        sound: option(request.sound.as_deref(), || at(index, "sound"))?,
    })
}

fn at(index: usize, member: &str) -> String {
    format!("/targets/{index}/{member}")
}

/// An optional member with rules of its own.
fn option<T: FromStr<Err = OptionError>>(
    text: Option<&str>,
    pointer: impl Fn() -> String,
) -> Result<Option<T>, Problem> {
    text.map(str::parse)
        .transpose()
        .map_err(|error| Problem::invalid("invalid_option", pointer(), format!("{error}.")))
}

fn content_problem(error: ContentError) -> Problem {
    let code = match error {
        ContentError::Form | ContentError::DataNotAnObject => "invalid_content",
        ContentError::TooLarge(_) => "content_too_large",
    };
    Problem::invalid(code, "/content", format!("{error}."))
}

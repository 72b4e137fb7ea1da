//! Everything that the demo has to tell, as one document: what `--json` prints.
//!
//! | member | what |
//! | --- | --- |
//! | `relay` | `url`, `version`, `folder` |
//! | `notifications[]` | one for each phone: `phone`, `push_service`, `form`, and the four views |
//! | `….sent` | `by`, `to`, `content`, `sealed` (whether it left sealed), `request` (the JSON body), `answer` |
//! | `….stored` | the relay's rows `registration`, `subscription`, `notification` (bytes as `{"bytes": n}`), `waiting` |
//! | `….seen` | `by`, `protocol`, `method`, `path`, `headers` (without the authorization), `body` |
//! | `….shown` | `provenance`, `content` or null, `placeholder`, `reference`, `fetched` |
//! | `verdicts[]` | `claim`, `holds`, `proof` |
//! | `not_searched[]` | texts of your own that are too short or too common to be searched for |
//! | `passed` | whether every verdict holds; the exit code says the same |

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::scene::Scene;
use super::stage::Stage;
use super::stored::StoredView;
use super::verdicts::Verdict;
use crate::cli::client::TargetAnswer;
use crate::cli::content::Content;
use crate::cli::device::Shown;

/// The document.
#[derive(Serialize)]
pub(crate) struct Story {
    relay: Value,
    notifications: Vec<Notification>,
    pub(crate) verdicts: Vec<Verdict>,
    not_searched: Vec<String>,
    pub(crate) passed: bool,
}

#[derive(Serialize)]
struct Notification {
    phone: String,
    push_service: &'static str,
    form: &'static str,
    sent: SentView,
    stored: StoredView,
    seen: SeenView,
    shown: ShownView,
}

#[derive(Serialize)]
struct SentView {
    by: &'static str,
    to: String,
    content: Content,
    sealed: bool,
    request: Value,
    answer: AnswerView,
}

#[derive(Serialize)]
struct AnswerView {
    outcome: String,
    reason: Option<String>,
    form: Option<String>,
    at: Option<String>,
}

#[derive(Serialize)]
struct SeenView {
    by: &'static str,
    protocol: String,
    method: String,
    path: String,
    headers: Map<String, Value>,
    body: Value,
}

#[derive(Serialize)]
struct ShownView {
    provenance: &'static str,
    content: Option<Content>,
    placeholder: Option<String>,
    reference: Option<String>,
    fetched: Option<Content>,
}

impl Story {
    /// Writes it down.
    pub(crate) fn new(
        stage: &Stage,
        scenes: &[Scene],
        verdicts: Vec<Verdict>,
        not_searched: Vec<String>,
    ) -> Self {
        Self {
            relay: json!({
                "url": stage.relay.url(),
                "version": env!("CARGO_PKG_VERSION"),
                "folder": stage.folder.root(),
            }),
            notifications: scenes.iter().map(|scene| Notification::new(stage, scene)).collect(),
            passed: verdicts.iter().all(|verdict| verdict.holds),
            verdicts,
            not_searched,
        }
    }
}

impl Notification {
    fn new(stage: &Stage, scene: &Scene) -> Self {
        let (placeholder, reference) = match &scene.shown {
            Shown::Placeholder { text, reference } => (Some(text.clone()), reference.clone()),
            _ => (None, None),
        };
        let TargetAnswer { outcome, reason, form, at, .. } = scene.answer.clone();
        let headers = scene.record.headers.iter().filter(|(name, _)| name != "authorization");
        Self {
            phone: scene.phone.clone(),
            push_service: scene.push_service,
            form: scene.plan.form,
            sent: SentView {
                by: scene.server,
                to: format!("{}/v1/notifications", stage.relay.url()),
                content: scene.plan.content.clone(),
                sealed: !scene.plan.relay_may_read,
                request: serde_json::from_slice(&scene.request).unwrap_or_default(),
                answer: AnswerView { outcome, reason, form, at },
            },
            stored: scene.stored.clone(),
            seen: SeenView {
                by: scene.vendor(),
                protocol: scene.record.version.clone(),
                method: scene.record.method.clone(),
                path: scene.record.path.clone(),
                headers: headers.map(|(name, value)| (name.clone(), value.as_str().into())).collect(),
                body: serde_json::from_str(&scene.record.body).unwrap_or_default(),
            },
            shown: ShownView {
                provenance: scene.shown.provenance(),
                content: scene.shown.content().cloned(),
                placeholder,
                reference,
                fetched: scene.fetched.clone(),
            },
        }
    }
}

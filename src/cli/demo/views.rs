//! The four views of one notification, for people.

use std::time::Duration;

use anstyle::{AnsiColor, Style};
use serde_json::Value;

use super::panel::{Line, Panel};
use super::scene::Scene;
use super::stored::StoredView;
use crate::cli::content::Content;
use crate::cli::device::Shown;
use crate::cli::printable::printable;

const PLAIN: Style = Style::new();
const TITLE: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const SEALED: Style = AnsiColor::Green.on_default();
const READABLE: Style = AnsiColor::Yellow.on_default();

/// What was sent, stored, seen and shown. Outcomes are kept for `keep_outcomes`.
pub(crate) fn panels(scene: &Scene, keep_outcomes: Duration) -> [Panel; 4] {
    [
        Panel { heading: format!("{} sent", scene.server), lines: sent(scene) },
        Panel { heading: "the relay stored".to_owned(), lines: stored(&scene.stored, keep_outcomes) },
        Panel { heading: format!("{} saw", scene.vendor()), lines: seen(scene) },
        Panel { heading: format!("the {} showed", scene.phone), lines: shown(scene) },
    ]
}

fn sent(scene: &Scene) -> Vec<Line> {
    let mut lines = content(&scene.plan.content);
    let request: Value = serde_json::from_slice(&scene.request).unwrap_or_default();
    let target = &request["targets"][0];
    if let Some(envelope) = target["envelope"].as_str() {
        lines.push(line(SEALED, "sealed here for this phone, and signed:"));
        lines.push(line(DIM, &format!("  envelope {}", short(envelope))));
    } else {
        lines.push(line(READABLE, "cannot seal: the relay gets it readable, for a moment"));
    }
    if let Some(reference) = target["reference"].as_str() {
        lines.push(line(DIM, &format!("  reference {reference}")));
    }
    lines
}

fn stored(stored: &StoredView, keep_outcomes: Duration) -> Vec<Line> {
    let registration = &stored.registration;
    let at = [StoredView::text(registration, "push_service"), StoredView::text(registration, "environment")];
    let token = StoredView::bytes(registration, "device_token");
    let relay_key = stored.subscription.get("relay_key").is_some_and(|key| !key.is_null());
    let mut lines = vec![
        line(TITLE, "registration"),
        line(PLAIN, &format!("  {}, {}", StoredView::text(registration, "app"), at.join(" "))),
        line(SEALED, "  device token, encrypted"),
        line(DIM, &format!("  ({token} bytes)")),
        line(TITLE, "subscription"),
        line(PLAIN, if relay_key { "  public key, so that the relay may seal" } else { "  no key" }),
        line(TITLE, "notification"),
        line(PLAIN, "  id, outcome, a keyed hash"),
        line(DIM, &format!("  for {} h", keep_outcomes.as_secs() / 3_600)),
    ];
    lines.push(match stored.waiting {
        0 => line(SEALED, "no content, no envelope"),
        some => line(READABLE, &format!("{some} deliveries wait")),
    });
    lines
}

fn seen(scene: &Scene) -> Vec<Line> {
    let body: Value = serde_json::from_str(&scene.record.body).unwrap_or_default();
    let token = short(&scene.device_token);
    let mut lines = Vec::new();
    let members = if scene.push_service == "apns" {
        lines.push(line(PLAIN, &format!("POST /3/device/{token}")));
        for name in ["apns-topic", "apns-push-type", "apns-priority"] {
            lines.push(line(DIM, &format!("  {name} {}", scene.record.header(name).unwrap_or("—"))));
        }
        body.as_object().cloned().unwrap_or_default()
    } else {
        lines.push(line(PLAIN, "POST …/messages:send"));
        lines.push(line(DIM, &format!("  token {token}")));
        let priority = &body["message"]["android"]["priority"];
        lines.push(line(DIM, &format!("  priority {}", priority.as_str().unwrap_or("—"))));
        body["message"]["data"].as_object().cloned().unwrap_or_default()
    };
    for (name, value) in &members {
        let (style, text) = match (name.as_str(), value) {
            ("seal", Value::String(seal)) => (SEALED, format!("{} ({} characters)", short(seal), seal.len())),
            ("aps", aps) => (PLAIN, aps.to_string()),
            ("delivery", Value::String(delivery)) => (DIM, short(delivery)),
            (_, Value::String(text)) => (PLAIN, format!("“{}”", printable(text))),
            (_, other) => (PLAIN, other.to_string()),
        };
        lines.push(line(style, &format!("{name}: {text}")));
    }
    lines
}

fn shown(scene: &Scene) -> Vec<Line> {
    let mut lines = match &scene.shown {
        Shown::SignedByServer { content: shown, .. }
        | Shown::SealedByRelay { content: shown, .. }
        | Shown::Clear { content: shown } => content(shown),
        Shown::Placeholder { text, .. } => vec![line(TITLE, &printable(text))],
        Shown::Refused(refusal) => vec![line(READABLE, &format!("nothing: {}", refusal.0))],
    };
    lines.push(match &scene.shown {
        Shown::SignedByServer { .. } => line(SEALED, &format!("✓ signed by {}", scene.server)),
        Shown::SealedByRelay { .. } => line(READABLE, "✓ sealed by the relay, and says so"),
        Shown::Placeholder { .. } => line(DIM, "this app has no keys, so it asks its server:"),
        Shown::Clear { .. } | Shown::Refused(_) => line(READABLE, "✗"),
    });
    if let Some(fetched) = &scene.fetched {
        lines.push(line(PLAIN, &format!("{} → ", scene.server)));
        lines.extend(content(fetched));
    }
    lines
}

fn content(content: &Content) -> Vec<Line> {
    let mut lines = vec![line(TITLE, &printable(&content.title))];
    lines.extend(content.body.split('\n').map(|text| line(PLAIN, &printable(text))));
    if let Some(data) = &content.data {
        let data = serde_json::to_string(data).unwrap_or_default();
        lines.push(line(DIM, &printable(&data)));
    }
    lines
}

fn line(style: Style, text: &str) -> Line {
    Line { style, text: text.to_owned() }
}

/// The two ends of something long.
fn short(text: &str) -> String {
    let chars: Vec<_> = printable(text).chars().collect();
    if chars.len() <= 20 {
        return chars.into_iter().collect();
    }
    let (head, tail) = (&chars[..8], &chars[chars.len() - 4..]);
    format!("{}…{}", head.iter().collect::<String>(), tail.iter().collect::<String>())
}

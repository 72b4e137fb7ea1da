//! What the audit log may say: actions of a closed list, ids, and settings. Nothing of a person.

use http::Method;
use sealpush::model::AUDIT_ACTIONS;
use serde_json::{Value, json};

use crate::support::{Sender, World};

const CANARY: &str = "c4nary-name";
/// Words of details that have no value.
const SETTINGS: [&str; 8] = ["name", "open", "relay", "sharing", "contact", "by", "the", "config"];

fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap().to_owned()
}

/// A sender shares its usage.
async fn shares(world: &World, credential: &str) {
    let contact = json!({"wording": 1, "address": format!("{CANARY}@example.org")});
    for shared in [json!({ "contact": contact }), json!({}), json!({ "contact": contact })] {
        let put =
            world.relay.call(Method::PUT, "/v1/senders/self/sharing", Some(credential), Some(&shared)).await;
        assert_eq!(put.status, 200, "{put:?}");
    }
    assert_eq!(world.delete("/v1/senders/self/usage", credential).await.status, 204);
}

/// A sender does what it may do with itself.
async fn a_sender_acts(world: &World, sender: &Sender) {
    let change = json!({"name": format!("{CANARY} 2"), "content_policy": "seal_or_omit"});
    world.relay.call(Method::PATCH, "/v1/senders/self", Some(&sender.credential), Some(&change)).await;
    let more = json!({"scopes": ["notify"]});
    let made = world.relay.post("/v1/senders/self/credentials", Some(&sender.credential), &more).await.json();
    let path = format!("/v1/senders/self/credentials/{}", text(&made, "id"));
    assert_eq!(world.delete(&path, &sender.credential).await.status, 204);
    assert_eq!(world.delete("/v1/senders/self", &sender.credential).await.status, 200);
}

/// The operator does what it may do with others.
async fn the_operator_acts(world: &World) {
    let made = world.admin.post("/admin/senders", None, &json!({"name": CANARY})).await.json();
    let sender = format!("/admin/senders/{}", text(&made, "id"));
    for act in ["suspend", "resume", "credentials"] {
        let answer = world.admin.post(&format!("{sender}/{act}"), None, &json!({})).await;
        assert!(answer.status.is_success(), "{answer:?}");
    }
    assert_eq!(world.admin.call(Method::DELETE, &sender, None, None).await.status, 200);
    let token = world.admin.post("/admin/tokens", None, &json!({"role": "owner"})).await.json();
    let over_tcp = world.operator.clone();
    let made = json!({ "name": CANARY });
    let made = over_tcp.post("/admin/senders", Some(&text(&token, "token")), &made).await.json();
    shares(world, &text(&made, "credential")).await;
    let token = format!("/admin/tokens/{}", text(&token, "id"));
    assert_eq!(world.admin.call(Method::DELETE, &token, None, None).await.status, 204);
    world.admin.post("/admin/apps/chat/release", None, &json!({})).await;
    let noted =
        json!({"action": "registration_key.rotate", "key": "0123456789abcdef", "previous_ended": true});
    assert_eq!(world.admin.post("/admin/audit", None, &noted).await.status, 204);
    let file = world.folder.path().join("sealpush.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    let config = config.replace("name = \"Test relay\"", &format!("name = \"{CANARY}\""));
    std::fs::write(&file, config.replace("[sharing]\n", "[sharing]\nmode = \"locked_off\"\n")).unwrap();
    assert_eq!(world.admin.post("/admin/reload", None, &json!({})).await.status, 200);
}

async fn joins(world: &World) -> Sender {
    let invites = world.admin.post("/admin/invites", None, &json!({"count": 2})).await.json();
    let revoked = format!("/admin/invites/{}", text(&invites["invites"][1], "id"));
    assert_eq!(world.admin.call(Method::DELETE, &revoked, None, None).await.status, 204);
    let join = json!({"name": CANARY, "invite": invites["invites"][0]["code"]});
    world.relay.post("/v1/senders", None, &join).await;
    let joined = world.relay.post("/v1/senders", None, &join).await.json();
    Sender { id: text(&joined, "id"), credential: text(&joined, "credential") }
}

/// An id of the relay's own, a name out of the config's, or one of the places that have no id.
fn is_subject(text: &str) -> bool {
    let is_hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    ["relay", "config", "database", "audit_log", "sharing", "chat"].contains(&text)
        || (text.len() == 36 || text.len() == 16) && is_hex(text)
}

/// Words, or words with a value that has no room for a sentence.
fn is_detail(text: &str) -> bool {
    let plain = |text: &str| {
        text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.,:-TZ".contains(&b))
    };
    text.split_whitespace().all(|word| match word.split_once('=') {
        Some((key, value)) => plain(key) && plain(value),
        None => SETTINGS.contains(&word) || word.starts_with("apps."),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_act_is_an_entry_of_the_closed_list_without_personal_data() {
    let world = World::start().await;
    let sender = joins(&world).await;
    a_sender_acts(&world, &sender).await;
    the_operator_acts(&world).await;

    let log = world.admin.get("/admin/audit", None).await;

    assert!(!log.text.contains(CANARY) && !log.text.contains("sp_"), "{}", log.text);
    let entries = log.json()["entries"].as_array().unwrap().clone();
    let mut seen = std::collections::BTreeSet::new();
    for entry in &entries {
        let action = text(entry, "action");
        assert!(AUDIT_ACTIONS.iter().any(|(known, _)| *known == action), "{entry}");
        assert!(is_subject(&text(entry, "subject")) && is_detail(&text(entry, "detail")), "{entry}");
        let actor = text(entry, "actor");
        let by_token = actor.strip_prefix("operator:").is_some_and(is_subject);
        assert!(by_token || ["operator", "sender", "relay"].contains(&actor.as_str()), "{entry}");
        seen.insert(action);
    }
    // What is left needs a clock, a command or a restore.
    let rest = ["app.add", "audit.cut", "storage.restore", "storage_key.drop", "storage_key.rotate"];
    let missing: Vec<_> = AUDIT_ACTIONS.iter().map(|(action, _)| *action).collect();
    let missing: Vec<_> = missing.into_iter().filter(|action| !seen.contains(*action)).collect();
    assert_eq!(missing, rest);
    world.end().await;
}

//! `sealpush outbox` and its call: what waits and why, and nothing that names a sender, a device or content.

use push_simulator::{Effect, Rule, RuleTarget};
use serde_json::json;

use super::Terminal;
use crate::support::{TOPIC, World};

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_shown_with_what_it_waits_for() {
    let world = World::builder().leaves_work().start().await;
    assert_eq!(world.admin.get("/admin/outbox", None).await.json(), json!({"waiting": 0, "groups": []}));
    let sender = world.sender("sealed_only").await;
    let phone = world.iphone(&sender, false).await;
    let refusal = Effect::apns(403, "InvalidProviderToken");
    world.simulator.script(Rule::new(RuleTarget::Topic(TOPIC.to_owned()), refusal));
    let targets = json!([{"subscription": phone.subscription, "reference": "a-reference-of-its-own"}]);
    assert_eq!(world.notify(&sender, json!({"wait": false, "targets": targets})).await.status, 202);

    World::until("the app is held", async || {
        world.admin.get("/admin/outbox", None).await.text.contains("\"held\"")
    })
    .await;

    let answer = world.admin.get("/admin/outbox", None).await;
    let document = answer.json();
    let group = &document["groups"][0];
    assert_eq!((document["waiting"].as_u64(), group["waiting"].as_u64()), (Some(1), Some(1)));
    assert_eq!((&group["app"], &group["push_service"]), (&json!("chat"), &json!("apns")));
    assert_eq!(group["reason"], "InvalidProviderToken");
    for secret in [&sender.id, &phone.subscription, &phone.token, "a-reference-of-its-own"] {
        assert!(!answer.text.contains(secret), "{secret} is in {}", answer.text);
    }
    world.end().await;
}

#[test]
fn an_empty_outbox_is_said_so_where_no_relay_runs_too() {
    let terminal = Terminal::new();
    assert_eq!(terminal.ok(&["outbox", "--dev"]), "Nothing waits.\n");
    assert_eq!(terminal.json(&["outbox", "--dev"]), json!({"waiting": 0, "groups": []}));
}

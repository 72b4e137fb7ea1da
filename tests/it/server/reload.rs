//! The config changes while the relay runs.

use serde_json::{Value, json};

use crate::support::{Answer, World, fcm};

/// Changes a file of the relay.
fn change(world: &World, file: &str, from: &str, to: &str) {
    let path = world.folder.path().join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "`{from}` is not in {text}");
    std::fs::write(path, text.replace(from, to)).unwrap();
}

async fn reload(world: &World) -> Answer {
    world.admin.post("/admin/reload", None, &json!({})).await
}

async fn name(world: &World) -> Value {
    world.relay.get("/v1/relay", None).await.json()["name"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_under_load_loses_no_request() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let device = world.iphone(&sender, false).await;
    let send = async || {
        for _ in 0..40 {
            let targets = json!([{"subscription": device.subscription}]);
            assert_eq!(world.outcome(&sender, json!({ "targets": targets })).await["outcome"], "accepted");
        }
    };
    let reload_again_and_again = async {
        for round in 0..10 {
            change(&world, "sealpush.toml", "Test relay", &format!("Test relay {round}"));
            change(&world, "apps/chat.toml", "confirm", &format!("placeholder = \"{round}\"\nconfirm"));
            assert_eq!(reload(&world).await.json()["changed"], json!(["relay", "apps.chat"]));
            change(&world, "apps/chat.toml", &format!("placeholder = \"{round}\"\n"), "");
            change(&world, "sealpush.toml", &format!("Test relay {round}"), "Test relay");
            assert_eq!(reload(&world).await.status, 200);
        }
    };

    tokio::join!(send(), send(), send(), reload_again_and_again);

    assert_eq!(world.inbox(&device).len(), 120);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_comes_and_goes_without_a_restart() {
    let world = World::start().await;
    let other = world.folder.path().join("apps/other.toml");
    let text = "id = \"other\"\nconfirm = \"off\"\n[fcm]\nservice_account_file = \"fcm.json\"\n";
    std::fs::write(&other, text).unwrap();
    let mut registration = fcm("a-token");
    registration["app"] = json!("other");
    let register = async || world.relay.post("/v1/registrations", None, &registration).await;
    assert_eq!(register().await.code(), "unknown_app");

    assert_eq!(reload(&world).await.json()["changed"], json!(["apps.other"]));

    assert_eq!(register().await.status, 201);
    assert_eq!(world.admin.get("/admin/apps", None).await.json()["apps"][1]["id"], "other");
    std::fs::remove_file(other).unwrap();
    assert_eq!(reload(&world).await.json()["changed"], json!(["apps.other"]));
    assert_eq!(register().await.code(), "unknown_app");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_stays_keeps_its_connections_and_its_tokens() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    world.warm_up(&sender).await;
    change(&world, "sealpush.toml", "Test relay", "Another name");
    assert_eq!(reload(&world).await.status, 200);
    assert_eq!(world.metric("sealpush_push_connections{push_service=\"apns\"}").await, 1);

    world.warm_up(&sender).await;

    let authorizations =
        world.simulator.records().into_iter().filter(|record| record.path.starts_with("/3/"));
    let mut tokens: Vec<_> =
        authorizations.map(|record| record.header("authorization").map(str::to_owned)).collect();
    tokens.dedup();
    assert_eq!(tokens.len(), 1, "one provider token for both pushes");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_config_changes_nothing() {
    let world = World::start().await;
    change(&world, "sealpush.toml", "Test relay", "Another name");
    change(&world, "apps/chat.toml", "confirm = \"off\"", "confirm = \"maybe\"");

    let refused = reload(&world).await;

    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (409, "config_broken"));
    assert!(refused.text.contains("chat.toml: confirm: `maybe`"), "{refused:?}");
    assert_eq!(name(&world).await, "Test relay");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_a_restart_can_change_is_named_and_nothing_of_it_is_done() {
    let world = World::start().await;
    change(&world, "sealpush.toml", "Test relay", "Another name");
    change(&world, "sealpush.toml", "[limits]", "[limits]\nconnections = 7");

    let refused = reload(&world).await;

    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (409, "restart_needed"));
    assert!(refused.text.contains("limits.connections changed"), "{refused:?}");
    assert_eq!(name(&world).await, "Test relay");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_reload_changed_is_in_the_audit_log() {
    let world = World::start().await;
    assert_eq!(reload(&world).await.json()["changed"], json!([]));
    change(&world, "sealpush.toml", "[limits]", "[limits]\ntargets = 7");
    assert_eq!(reload(&world).await.json()["changed"], json!(["limits"]));

    let entries = world.acts().await;

    let entries: Vec<_> = entries.iter().map(|one| (&one["action"], &one["detail"])).collect();
    assert_eq!(entries, [(&json!("config.reload"), &json!("limits"))]);
    assert_eq!(world.relay.get("/v1/relay", None).await.json()["limits"]["targets"], 7);
    world.end().await;
}

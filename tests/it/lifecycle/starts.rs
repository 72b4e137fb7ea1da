//! Starts: quick, and refused where they would do harm.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Program, World};

#[tokio::test(flavor = "multi_thread")]
async fn the_relay_is_ready_within_a_second() {
    let mut world = World::builder().own_process().start().await;
    let mut quickest = Duration::MAX;
    // The machine may be busy with other tests: one undisturbed start of three is enough.
    for _ in 0..3 {
        world.stop_relay().await;
        let started = Instant::now();
        world.start_relay().await;
        assert_eq!(world.operator.get("/readyz", None).await.status, 200);
        quickest = quickest.min(started.elapsed());
    }
    assert!(quickest < Duration::from_secs(1), "{quickest:?}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_on_the_same_database_is_refused_and_the_first_goes_on() {
    let world = World::builder().own_process().start().await;

    let (status, said) = Program::refusal(world.folder.path()).await;

    assert!(!status.success());
    assert!(said.contains("another process uses the database"), "{said}");
    let sender = world.sender("sealed_only").await;
    let phone = world.iphone(&sender, false).await;
    let targets = json!([{"subscription": phone.subscription}]);
    assert_eq!(world.outcome(&sender, json!({ "targets": targets })).await["outcome"], "accepted");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_written_under_another_storage_key_is_refused() {
    let mut world = World::builder().own_process().start().await;
    world.stop_relay().await;
    let key = sealpush_seal::base64url::encode(&[7; 32]);
    std::fs::write(world.folder.path().join("storage.key"), key).unwrap();

    let (status, said) = Program::refusal(world.folder.path()).await;

    assert!(!status.success());
    assert!(said.contains("storage key"), "{said}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn registrations_senders_and_subscriptions_survive_a_restart() {
    let mut world = World::builder().own_process().start().await;
    let sender = world.sender("seal_or_omit").await;
    let (iphone, android) = (world.iphone(&sender, true).await, world.android(&sender, false).await);

    world.stop_relay().await;
    world.start_relay().await;

    let targets = json!([{"subscription": iphone.subscription}, {"subscription": android.subscription}]);
    let content = json!({"title": "Ada", "body": "Lunch?"});
    let answer = world.notify(&sender, json!({"targets": targets, "content": content})).await;
    assert_eq!(answer.text.matches("accepted").count(), 2, "{answer:?}");
    assert!(answer.text.contains("sealed_by_relay"), "the relay still has the key: {answer:?}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_of_an_app_that_left_the_config_is_told_so() {
    let mut world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.iphone(&sender, false).await;
    world.stop_relay().await;
    let apps = world.folder.path().join("apps");
    let app = std::fs::read_to_string(apps.join("chat.toml")).unwrap();
    std::fs::write(apps.join("other.toml"), app.replace("id = \"chat\"", "id = \"other\"")).unwrap();
    std::fs::remove_file(apps.join("chat.toml")).unwrap();

    world.start_relay().await;

    let targets = json!([{"subscription": phone.subscription}]);
    let target = world.outcome(&sender, json!({ "targets": targets })).await;
    assert_eq!((&target["outcome"], &target["reason"]), (&json!("rejected"), &json!("app_not_configured")));
    world.end().await;
}

/// The config may change while no relay runs: the log says so all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_start_notes_policies_that_are_other_than_before() {
    let mut world = World::builder().own_process().start().await;
    let policies = async |world: &World| -> Vec<String> {
        let log = world.admin.get("/admin/audit", None).await.json();
        let entries = log["entries"].as_array().unwrap().iter();
        let entries = entries.filter(|entry| entry["action"].as_str().unwrap().ends_with(".policy"));
        entries.map(|entry| format!("{} {}", entry["subject"], entry["detail"])).collect()
    };
    let first = policies(&world).await;
    assert_eq!(first.len(), 2, "the relay's and the app's: {first:?}");
    assert!(first[0].contains("admission=invite") && first[1].contains("confirm=off"), "{first:?}");
    world.stop_relay().await;
    world.start_relay().await;
    assert_eq!(policies(&world).await, first);

    world.stop_relay().await;
    let file = world.folder.path().join("sealpush.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, config.replace("[admission]", "[admission]\nmode = \"open\"")).unwrap();
    world.start_relay().await;

    let now = policies(&world).await;
    assert_eq!(now.len(), 3);
    assert!(now[2].contains("admission=open"), "{now:?}");
    world.end().await;
}

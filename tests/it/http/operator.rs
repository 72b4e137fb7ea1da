//! The operator's listeners: readiness, metrics, and the socket.

use std::os::unix::fs::PermissionsExt as _;

use push_simulator::{Effect, FcmFailure};
use serde_json::{Value, json};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;

use crate::support::{Answer, Device, Sender, World};

/// A notification that is tried once, so that nothing waits.
async fn push_once(world: &World, sender: &Sender, device: &Device) -> Answer {
    let targets = json!([{"subscription": device.subscription}]);
    world.notify(sender, json!({"targets": targets, "ttl": 0})).await
}

/// The state and the reason of the app's credential for a push service.
fn credential(ready: &Answer, push_service: &str) -> (Value, Value) {
    let document = ready.json();
    let mut all = document["credentials"].as_array().unwrap().iter();
    let one = all.find(|one| one["app"] == "chat" && one["push_service"] == push_service).unwrap();
    (one["state"].clone(), one["reason"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_names_the_credential_that_is_refused_and_is_regained_by_itself() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    world.warm_up(&sender).await;
    for (device, effect, push_service, reason) in [
        (
            world.iphone(&sender, false).await,
            Effect::apns(403, "InvalidProviderToken"),
            "apns",
            "InvalidProviderToken",
        ),
        (
            world.android(&sender, false).await,
            Effect::fcm(FcmFailure::PermissionDenied),
            "fcm",
            "PERMISSION_DENIED",
        ),
    ] {
        // Twice: the adapter tries once more on a new connection.
        world.script(&device, effect, 2);
        push_once(&world, &sender, &device).await;
        let held = world.operator.get("/readyz", None).await;
        assert_eq!(held.status, 503, "{held:?}");
        assert_eq!((&held.json()["ready"], &held.json()["store"]), (&json!(false), &json!("usable")));
        assert_eq!(credential(&held, push_service), (json!("held"), json!(reason)));
        let gauge = format!("sealpush_credentials_held{{push_service=\"{push_service}\"}}");
        assert_eq!(world.metric(&gauge).await, 1);

        world.simulator.clear_script();
        World::until("one of the pushes finds out that it is mended", async || {
            push_once(&world, &sender, &device).await;
            world.operator.get("/readyz", None).await.status == 200
        })
        .await;

        let ready = world.operator.get("/readyz", None).await;
        assert_eq!((ready.status.as_u16(), world.metric(&gauge).await), (200, 0), "{ready:?}");
        assert_eq!(credential(&ready, push_service), (json!("usable"), Value::Null));
    }
    world.end().await;
}

/// A full or read-only disk can be read all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_relay_whose_store_cannot_be_written_is_not_ready_until_it_can() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let device = world.iphone(&sender, false).await;
    let file = world.folder.path().join("sealpush.db");
    let mut raw = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    for table in ["notifications", "meta"] {
        let refuse = "BEGIN SELECT RAISE(ABORT, 'nothing can be written'); END";
        let trigger = format!("CREATE TRIGGER full_{table} BEFORE INSERT ON {table} {refuse}");
        sqlx::query(sqlx::AssertSqlSafe(trigger)).execute(&mut raw).await.unwrap();
    }
    let targets = json!([{"subscription": device.subscription}]);
    let promise = json!({"targets": targets, "wait": false});
    assert_eq!(world.notify(&sender, promise.clone()).await.status, 503);

    let held = world.operator.get("/readyz", None).await;
    assert_eq!((held.status.as_u16(), &held.json()["ready"]), (503, &json!(false)));
    assert!(held.json()["store"].as_str().unwrap().contains("nothing can be written"), "{held:?}");

    for table in ["notifications", "meta"] {
        let mend = format!("DROP TRIGGER full_{table}");
        sqlx::query(sqlx::AssertSqlSafe(mend)).execute(&mut raw).await.unwrap();
    }
    let ready = world.operator.get("/readyz", None).await;
    assert_eq!((ready.status.as_u16(), &ready.json()["store"]), (200, &json!("usable")));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_has_sent_nothing_yet_is_ready() {
    let world = World::start().await;
    let ready = world.operator.get("/readyz", None).await;
    assert_eq!((ready.status.as_u16(), &ready.json()["ready"]), (200, &json!(true)));
    assert_eq!(credential(&ready, "apns").0, "unused");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_count_what_happened_and_name_nobody() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let (iphone, android) = (world.iphone(&sender, false).await, world.android(&sender, false).await);
    let id = world.notification_id();
    let targets = json!([{"subscription": iphone.subscription}, {"subscription": android.subscription}]);
    assert_eq!(world.notify(&sender, json!({"id": id, "targets": targets})).await.status, 200);
    world.relay.get(&format!("/v1/{}", android.token), None).await;

    for (metric, count) in [
        ("sealpush_requests_total{route=\"notifications\",status=\"200\"}", 1),
        ("sealpush_requests_total{route=\"other\",status=\"404\"}", 1),
        ("sealpush_targets_total{form=\"omitted\"}", 2),
        ("sealpush_outcomes_total{push_service=\"apns\",outcome=\"accepted\",form=\"omitted\"}", 1),
        ("sealpush_attempts_total{push_service=\"fcm\",class=\"accepted\"}", 1),
        ("sealpush_registrations", 2),
        ("sealpush_subscriptions", 2),
        ("sealpush_store_errors_total", 0),
    ] {
        assert_eq!(world.metric(metric).await, count, "{metric}");
    }
    let metrics = world.operator.get("/metrics", None).await;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(metrics.headers["content-type"], kind);
    assert!(metrics.text.ends_with("# EOF\n"));
    for phone in [&iphone, &android] {
        for name in [&sender.id, &id, &phone.token, &phone.registration, &phone.subscription] {
            assert!(!metrics.text.contains(name.as_str()), "{name} in the metrics");
        }
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_socket_asks_for_no_token_and_only_its_owner_opens_it() {
    let world = World::start().await;
    let answer = world.relay.get("/readyz", None).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "no_such_path"));
    assert_eq!(world.admin.get("/admin/senders", None).await.status, 200);
    assert_eq!(world.admin.get("/readyz", None).await.status, 200);
    let socket = std::fs::metadata(world.folder.path().join("operator.sock")).unwrap();
    assert_eq!(socket.permissions().mode() & 0o777, 0o600);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operators_mistakes_are_problem_documents_too() {
    let world = World::start().await;
    for (path, status, code) in [
        ("/admin/senders?more=1", 400, "invalid_query"),
        ("/admin/senders?after=x", 400, "invalid_sender_id"),
        ("/admin/nothing", 404, "no_such_path"),
        ("/admin/senders/x/suspend", 405, "method_not_allowed"),
    ] {
        let answer = world.admin.get(path, None).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{path}");
    }
    let nameless = world.admin.post("/admin/senders", None, &json!({"name": ""})).await;
    assert_eq!((nameless.status.as_u16(), nameless.code().as_str()), (422, "invalid_name"));
    world.end().await;
}

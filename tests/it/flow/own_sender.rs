//! What a sender does with itself: reads, changes and erases itself, and rotates its credentials.

use http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Sender, World};

const OWN: &str = "/v1/senders/self";
const CREDENTIALS: &str = "/v1/senders/self/credentials";

async fn patch(world: &World, bearer: &str, change: &Value) -> Answer {
    world.relay.call(Method::PATCH, OWN, Some(bearer), Some(change)).await
}

/// A further credential of the sender: its id and its text.
async fn add(world: &World, sender: &Sender, scopes: &[&str]) -> (String, String) {
    let answer = world.relay.post(CREDENTIALS, Some(&sender.credential), &json!({ "scopes": scopes })).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.headers["cache-control"], "no-store");
    let text = |member: &str| answer.json()[member].as_str().unwrap().to_owned();
    (text("id"), text("credential"))
}

/// The id of the credential by which the sender asks.
async fn id_of(world: &World, credential: &str) -> String {
    let own = world.relay.get(OWN, Some(credential)).await.json();
    own["credential"]["id"].as_str().unwrap().to_owned()
}

fn refusal(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.code())
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_reads_and_changes_itself() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;

    let change = json!({"name": "canary", "content_policy": "seal_or_omit"});
    let changed = patch(&world, &sender.credential, &change).await;

    assert_eq!((changed.status.as_u16(), &changed.json()["name"]), (200, &json!("canary")));
    let own = world.relay.get(OWN, Some(&sender.credential)).await.json();
    assert_eq!((&own["name"], &own["content_policy"]), (&json!("canary"), &json!("seal_or_omit")));
    assert_eq!(own["credential"]["scopes"], json!(["notify", "register", "admin"]));
    // The policy holds from the next notification on.
    let phone = world.android(&sender, true).await;
    let content =
        json!({"targets": [{"subscription": phone.subscription}], "content": {"title": "a", "body": "b"}});
    assert_eq!(world.outcome(&sender, content).await["form"], "sealed_by_relay");
    let log = world.admin.get("/admin/audit", None).await;
    let last = log.json()["entries"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&last["actor"], &last["detail"]),
        (&json!("sender"), &json!("name content_policy=seal_or_omit"))
    );
    assert!(!log.text.contains("canary"));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_cannot_be_looser_than_the_operator_or_nameless() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    for (change, code) in [
        (json!({"content_policy": "clear_allowed"}), "content_policy_not_offered"),
        (json!({"name": "a\nb"}), "invalid_name"),
        (json!({"state": "active"}), "invalid_request"),
    ] {
        assert_eq!(refusal(&patch(&world, &sender.credential, &change).await), refused(422, code));
    }
    let own = world.relay.get(OWN, Some(&sender.credential)).await.json();
    assert_eq!((&own["name"], &own["content_policy"]), (&json!("A server"), &json!("sealed_only")));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_erases_itself_with_all_that_waits() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    let (_, second) = add(&world, &sender, &["notify"]).await;
    world.script(&phone, push_simulator::Effect::fcm(push_simulator::FcmFailure::Unavailable), 1);
    let waiting = json!({"targets": [{"subscription": phone.subscription}], "wait": false});
    assert_eq!(world.notify(&sender, waiting).await.status, 202);

    assert_eq!(world.delete(OWN, &sender.credential).await.status, 200);

    for credential in [&sender.credential, &second] {
        let refused_now = world.relay.get(OWN, Some(credential)).await;
        assert_eq!(refusal(&refused_now), refused(401, "credential_invalid"));
    }
    assert_eq!(world.metric("sealpush_outbox_pending").await, 0);
    assert_eq!(world.metric("sealpush_subscriptions").await, 0);
    assert_eq!(world.admin.get("/admin/senders", None).await.json()["senders"], json!([]));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_sender_may_know_what_it_is_and_go_and_nothing_else() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let (_, notify) = add(&world, &sender, &["notify"]).await;
    let suspend = format!("/admin/senders/{}/suspend", sender.id);
    assert_eq!(world.admin.post(&suspend, None, &json!({})).await.status, 204);

    let own = world.relay.get(OWN, Some(&notify)).await;
    assert_eq!((own.status.as_u16(), &own.json()["state"]), (200, &json!("suspended")));
    assert_eq!(
        refusal(&patch(&world, &sender.credential, &json!({})).await),
        refused(403, "sender_suspended")
    );
    let listed = world.relay.get(CREDENTIALS, Some(&sender.credential)).await;
    assert_eq!(refusal(&listed), refused(403, "sender_suspended"));
    assert_eq!(refusal(&world.delete(OWN, &notify).await), refused(403, "scope_missing"));
    assert_eq!(world.delete(OWN, &sender.credential).await.status, 200);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_rotate_with_overlap() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let old = id_of(&world, &sender.credential).await;
    let (new, credential) = add(&world, &sender, &["notify", "register", "admin"]).await;
    for one in [&sender.credential, &credential] {
        assert_eq!(world.relay.get(OWN, Some(one)).await.status, 200);
    }

    assert_eq!(world.delete(&format!("{CREDENTIALS}/{old}"), &credential).await.status, 204);

    let stopped = world.relay.get(OWN, Some(&sender.credential)).await;
    assert_eq!(refusal(&stopped), refused(401, "credential_invalid"));
    let list = world.relay.get(CREDENTIALS, Some(&credential)).await.json();
    let today = world.clock.now().day().to_string();
    let expected = json!([{"id": new, "scopes": ["notify", "register", "admin"], "expires_at": null,
                           "last_used_day": today}]);
    assert_eq!(list["credentials"], expected);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_credential_with_the_scope_admin_cannot_be_removed() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let own = id_of(&world, &sender.credential).await;
    add(&world, &sender, &["notify"]).await;
    let path = format!("{CREDENTIALS}/{own}");

    let answer = world.delete(&path, &sender.credential).await;

    assert_eq!(refusal(&answer), refused(409, "last_admin_credential"));
    assert_eq!(world.relay.get(OWN, Some(&sender.credential)).await.status, 200);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_does_what_its_scopes_say_and_no_more() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    let subscription = format!("/v1/subscriptions/{}", phone.subscription);
    let notification =
        json!({"id": world.notification_id(), "targets": [{"subscription": phone.subscription}]});
    for (scope, allowed) in [
        ("notify", [true, false, false]),
        ("register", [false, true, false]),
        ("admin", [false, false, true]),
    ] {
        let (_, bearer) = add(&world, &sender, &[scope]).await;
        let answers = [
            world.relay.post("/v1/notifications", Some(&bearer), &notification).await,
            world.relay.get(&subscription, Some(&bearer)).await,
            world.relay.get(CREDENTIALS, Some(&bearer)).await,
        ];
        for (answer, allowed) in answers.iter().zip(allowed) {
            let expected = if allowed { 200 } else { 403 };
            assert_eq!(answer.status, expected, "{scope}: {answer:?}");
            assert!(allowed || answer.code() == "scope_missing");
        }
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_ends_by_itself() {
    let (world, clock) = World::at_a_standstill().await;
    let sender = world.sender("sealed_only").await;
    let request = json!({"scopes": ["notify"], "expires_in": 60});
    let added = world.relay.post(CREDENTIALS, Some(&sender.credential), &request).await.json();
    let bearer = added["credential"].as_str().unwrap();
    assert_eq!(world.relay.get(OWN, Some(bearer)).await.status, 200);

    clock.advance(std::time::Duration::from_mins(1));

    let answer = world.relay.get(OWN, Some(bearer)).await;
    assert_eq!(refusal(&answer), refused(401, "credential_invalid"));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_that_the_sender_drew_is_added_once() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let hash = sealpush_seal::base64url::encode(&[7; 32]);
    let request = json!({"scopes": ["notify"], "id": World::subscription_id(), "secret_hash": hash});
    let bearer = Some(sender.credential.as_str());

    let statuses = [
        world.relay.post(CREDENTIALS, bearer, &request).await.status,
        world.relay.post(CREDENTIALS, bearer, &request).await.status,
    ];

    assert_eq!(statuses, [201, 200]);
    let mut other = request.clone();
    other["scopes"] = json!(["admin"]);
    let taken = world.relay.post(CREDENTIALS, bearer, &other).await;
    assert_eq!(refusal(&taken), refused(409, "credential_id_taken"));
    let list = world.relay.get(CREDENTIALS, bearer).await.json();
    assert_eq!(list["credentials"].as_array().unwrap().len(), 2);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_request_for_a_credential_is_named() {
    let world = World::start().await;
    let (sender, other) = (world.sender("sealed_only").await, world.sender("sealed_only").await);
    for (request, code, pointer) in [
        (json!({"scopes": []}), "scopes_missing", "/scopes"),
        (json!({"scopes": ["all"]}), "invalid_request", "/scopes/0"),
        (json!({"scopes": ["notify"], "expires_in": 59}), "invalid_lifetime", "/expires_in"),
        (
            json!({"scopes": ["notify"], "id": World::subscription_id()}),
            "secret_hash_missing",
            "/secret_hash",
        ),
        (json!({"scopes": ["notify"], "secret_hash": "x"}), "credential_id_missing", "/id"),
    ] {
        let answer = world.relay.post(CREDENTIALS, Some(&sender.credential), &request).await;
        assert_eq!(refusal(&answer), refused(422, code), "{request}");
        assert_eq!(answer.json()["pointer"], json!(pointer), "{request}");
    }
    let theirs = id_of(&world, &other.credential).await;
    let stranger = world.delete(&format!("{CREDENTIALS}/{theirs}"), &sender.credential).await;
    assert_eq!(refusal(&stranger), refused(404, "no_such_credential"));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_has_twenty_credentials_at_most_and_the_operator_helps_all_the_same() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    for _ in 0..19 {
        add(&world, &sender, &["notify"]).await;
    }

    let request = json!({"scopes": ["notify"]});
    let answer = world.relay.post(CREDENTIALS, Some(&sender.credential), &request).await;
    let path = format!("/admin/senders/{}/credentials", sender.id);
    let rescue = world.admin.post(&path, None, &json!({})).await;

    assert_eq!(refusal(&answer), refused(409, "too_many_credentials"));
    assert_eq!(rescue.status, 201, "{rescue:?}");
    let credential = rescue.json()["credential"].as_str().unwrap().to_owned();
    assert_eq!(world.relay.get(CREDENTIALS, Some(&credential)).await.status, 200);
    world.end().await;
}

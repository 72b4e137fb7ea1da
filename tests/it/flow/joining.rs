//! How servers become senders: by an invite, or because the relay is open.

use std::time::Duration;

use futures_util::future::join_all;
use http::Method;
use sealpush::base::{Entropy, OsEntropy};
use sealpush::model::{BearerToken, CredentialId, TokenKindPrefix};
use serde_json::{Value, json};

use crate::support::{Answer, World};

/// A new invite: its id and its code.
async fn invite(world: &World) -> (String, String) {
    let answer = world.admin.post("/admin/invites", None, &json!({})).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let invite = answer.json()["invites"][0].clone();
    let text = |member: &str| invite[member].as_str().unwrap().to_owned();
    (text("id"), text("code"))
}

async fn join(world: &World, request: &Value) -> Answer {
    world.relay.post("/v1/senders", None, request).await
}

fn refusal(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.code())
}

/// A credential that the server drew: its text, its id and the hash of its secret.
fn drawn() -> (String, String, String) {
    let id = CredentialId::random(&OsEntropy);
    let token = BearerToken::draw(id, &OsEntropy as &dyn Entropy);
    let hash = sealpush_seal::base64url::encode(&token.secret_hash().0);
    (token.reveal(TokenKindPrefix::Sender), id.to_string(), hash)
}

/// Who asks with `credential`.
async fn own(world: &World, credential: &str) -> Answer {
    world.relay.get("/v1/senders/self", Some(credential)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invited_server_joins_and_notifies() {
    let world = World::start().await;
    let (_, code) = invite(&world).await;
    assert_eq!(world.relay.get("/v1/relay", None).await.json()["admission"], "invite");

    let joined = join(&world, &json!({"name": "chat.example.org", "invite": code})).await;

    assert_eq!(joined.status, 201, "{joined:?}");
    assert_eq!(joined.headers["cache-control"], "no-store");
    let text = |member: &str| joined.json()[member].as_str().unwrap().to_owned();
    let sender = crate::support::Sender { id: text("id"), credential: text("credential") };
    let phone = world.android(&sender, false).await;
    let targets = json!([{"subscription": phone.subscription}]);
    assert_eq!(world.outcome(&sender, json!({ "targets": targets })).await["outcome"], "accepted");
    let me = own(&world, &sender.credential).await.json();
    assert_eq!((&me["name"], &me["content_policy"]), (&json!("chat.example.org"), &json!("sealed_only")));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_invite_that_counts_does_not_join() {
    let (world, clock) = World::at_a_standstill().await;
    let ((_, late), (revoked_id, revoked)) = (invite(&world).await, invite(&world).await);
    let path = format!("/admin/invites/{revoked_id}");
    assert_eq!(world.admin.call(Method::DELETE, &path, None, None).await.status, 204);
    clock.advance(Duration::from_hours(7 * 24));

    for (invite, status, code) in [
        (Value::Null, 403, "invite_needed"),
        (json!("sp_i_x"), 422, "invite_malformed"),
        (json!(late), 403, "invite_invalid"),
        (json!(revoked), 403, "invite_invalid"),
    ] {
        let answer = join(&world, &json!({"name": "A", "invite": invite})).await;
        assert_eq!(refusal(&answer), (status, code.to_owned()));
        assert_eq!(answer.json()["pointer"], "/invite");
    }
    assert_eq!(world.admin.get("/admin/senders", None).await.json()["senders"], json!([]));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_invite_makes_one_sender_whoever_asks_at_once() {
    let world = World::start().await;
    let (_, code) = invite(&world).await;
    let servers: Vec<_> = (0..8).map(|_| drawn()).collect();
    let requests: Vec<_> = servers
        .iter()
        .map(|(_, id, hash)| json!({"name": "A", "invite": code, "credential_id": id, "secret_hash": hash}))
        .collect();

    let answers = join_all(requests.iter().map(|request| join(&world, request))).await;

    let made = answers.iter().filter(|answer| answer.status == 201).count();
    let used = answers.iter().filter(|answer| answer.status == 409 && answer.code() == "invite_used").count();
    assert_eq!((made, used), (1, 7));
    let senders = world.admin.get("/admin/senders", None).await.json();
    assert_eq!(senders["senders"].as_array().unwrap().len(), 1);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_drew_its_credential_loses_nothing_with_the_answer() {
    let world = World::start().await;
    let ((_, code), (credential, id, hash)) = (invite(&world).await, drawn());
    let request = json!({"name": "A", "invite": code, "credential_id": id, "secret_hash": hash});
    let first = join(&world, &request).await;

    let again = join(&world, &request).await;

    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 200));
    assert_eq!(first.json(), again.json());
    assert_eq!(first.json()["credential"], Value::Null);
    let me = own(&world, &credential).await.json();
    assert_eq!((&me["id"], &me["credential"]["id"]), (&first.json()["id"], &json!(id)));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lost_a_credential_that_the_relay_drew_gets_another_until_one_is_used() {
    let (world, clock) = World::at_a_standstill().await;
    let (_, code) = invite(&world).await;
    let request = json!({"name": "A", "invite": code});
    let lost = join(&world, &request).await.json();

    let again = join(&world, &request).await;

    assert_eq!(again.status, 200, "{again:?}");
    let again = again.json();
    assert_eq!(again["id"], lost["id"]);
    assert_eq!(own(&world, lost["credential"].as_str().unwrap()).await.status, 401);
    clock.advance(Duration::from_secs(3601));
    assert_eq!(refusal(&join(&world, &request).await), (409, "invite_used".to_owned()));
    assert_eq!(own(&world, again["credential"].as_str().unwrap()).await.status, 200);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_that_is_in_use_cannot_be_taken_over_with_its_invite() {
    let world = World::start().await;
    let (_, code) = invite(&world).await;
    let request = json!({"name": "A", "invite": code});
    let joined = join(&world, &request).await.json();
    let credential = joined["credential"].as_str().unwrap();
    assert_eq!(own(&world, credential).await.status, 200);

    assert_eq!(refusal(&join(&world, &request).await), (409, "invite_used".to_owned()));

    assert_eq!(own(&world, credential).await.status, 200);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_relay_takes_whoever_asks_and_knows_a_repeated_request() {
    let world = World::builder().config("admission", "mode = \"open\"").start().await;
    let (credential, id, hash) = drawn();
    let request =
        json!({"name": "A", "content_policy": "seal_or_omit", "credential_id": id, "secret_hash": hash});
    assert_eq!(world.relay.get("/v1/relay", None).await.json()["admission"], "open");

    let statuses = [join(&world, &request).await.status, join(&world, &request).await.status];

    assert_eq!(statuses, [201, 200]);
    assert_eq!(own(&world, &credential).await.json()["content_policy"], "seal_or_omit");
    let other = json!({"name": "B", "credential_id": id, "secret_hash": drawn().2});
    assert_eq!(refusal(&join(&world, &other).await), (409, "credential_id_taken".to_owned()));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_wrong_member_of_a_request_to_join_is_named() {
    let world = World::builder().config("admission", "mode = \"open\"").start().await;
    let (_, id, hash) = drawn();
    for (request, code, pointer) in [
        (json!({"name": ""}), "invalid_name", "/name"),
        (json!({}), "invalid_request", ""),
        (json!({"name": "A", "more": 1}), "invalid_request", "/more"),
        (json!({"name": "A", "content_policy": "loose"}), "invalid_request", "/content_policy"),
        (
            json!({"name": "A", "content_policy": "clear_allowed"}),
            "content_policy_not_offered",
            "/content_policy",
        ),
        (json!({"name": "A", "credential_id": id}), "secret_hash_missing", "/secret_hash"),
        (json!({"name": "A", "secret_hash": hash}), "credential_id_missing", "/credential_id"),
        (json!({"name": "A", "credential_id": "x", "secret_hash": hash}), "invalid_id", "/credential_id"),
        (
            json!({"name": "A", "credential_id": id, "secret_hash": "x"}),
            "invalid_secret_hash",
            "/secret_hash",
        ),
    ] {
        let answer = join(&world, &request).await;
        assert_eq!(refusal(&answer), (422, code.to_owned()), "{request}");
        assert_eq!(answer.json()["pointer"].as_str().unwrap_or_default(), pointer, "{request}");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn joining_is_an_entry_about_ids_alone() {
    let world = World::start().await;
    let (invite_id, code) = invite(&world).await;
    let joined = join(&world, &json!({"name": "canary", "invite": code})).await.json();

    let log = world.admin.get("/admin/audit", None).await;

    let entries = world.acts().await;
    let detail = format!("content_policy=sealed_only invite={invite_id}");
    let last = &entries[1];
    assert_eq!((&entries[0]["action"], &entries[0]["subject"]), (&json!("invite.add"), &json!(invite_id)));
    assert_eq!((&last["actor"], &last["action"]), (&json!("sender"), &json!("sender.join")));
    assert_eq!((&last["subject"], &last["detail"]), (&joined["id"], &json!(detail)));
    assert!(!log.text.contains("canary") && !log.text.contains("sp_"), "{}", log.text);
    world.end().await;
}

//! Problem documents: who is not let in, and what is not there.

use sealpush::base::OsEntropy;
use sealpush::model::{BearerToken, SenderId, TokenKindPrefix};
use serde_json::json;

use super::raw;
use crate::support::{Answer, World};

/// The status and the code; the document must be a whole one.
fn refusal(answer: &Answer) -> (u16, String) {
    let (code, document) = (answer.code(), answer.json());
    assert_eq!(document["status"], answer.status.as_u16());
    assert_eq!(document["type"], format!("urn:sealpush:problem:{code}"));
    assert!(
        document["title"].is_string() && document["detail"].as_str().unwrap().ends_with('.'),
        "{document}"
    );
    assert_eq!(answer.headers["cache-control"], "no-store");
    (answer.status.as_u16(), code)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_prove_itself_is_told_how() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let unknown = BearerToken::draw(SenderId::random(&OsEntropy), &OsEntropy).reveal(TokenKindPrefix::Sender);
    let mut mistyped = sender.credential.clone();
    mistyped.replace_range(20..21, if &mistyped[20..21] == "A" { "B" } else { "A" });
    let other_kind = sender.credential.replacen("sp_s_", "sp_r_", 1);
    let bearer = |token: &str| Some(format!("Bearer {token}"));
    for (authorization, code) in [
        (None, "credential_malformed"),
        (Some(format!("Basic {}", sender.credential)), "credential_malformed"),
        (bearer(""), "credential_malformed"),
        (bearer("sp_s_"), "credential_malformed"),
        (bearer(&mistyped), "credential_malformed"),
        (bearer(&other_kind), "credential_malformed"),
        (bearer(&unknown), "credential_invalid"),
    ] {
        let body = ("application/json", "{}");
        let answer = raw(&world, "POST", "/v1/notifications", authorization.as_deref(), body).await;
        assert_eq!(refusal(&answer), (401, code.to_owned()), "{authorization:?}");
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_and_an_unknown_id_are_one_refusal() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let id = BearerToken::parse(TokenKindPrefix::Sender, &sender.credential).unwrap().id::<()>();
    let wrong = BearerToken::draw(id, &OsEntropy).reveal(TokenKindPrefix::Sender);
    let unknown = BearerToken::draw(SenderId::random(&OsEntropy), &OsEntropy).reveal(TokenKindPrefix::Sender);

    let path = format!("/v1/notifications/{}", world.notification_id());
    let (wrong, unknown) =
        (world.relay.get(&path, Some(&wrong)).await, world.relay.get(&path, Some(&unknown)).await);

    assert_eq!(refusal(&wrong), (401, "credential_invalid".to_owned()));
    assert_eq!(wrong.text, unknown.text);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_a_problem_document_on_every_path() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let missing = world.notification_id();
    for (path, code) in [
        ("/".to_owned(), "no_such_path"),
        ("/v2/notifications".to_owned(), "no_such_path"),
        ("/v1/relay/".to_owned(), "no_such_path"),
        ("/metrics".to_owned(), "no_such_path"),
        ("/admin/senders".to_owned(), "no_such_path"),
        ("/v1/notifications/not-an-id".to_owned(), "no_such_path"),
        ("/v1/notifications/%FF%FE".to_owned(), "no_such_path"),
        ("/v1/subscriptions/%FF".to_owned(), "no_such_path"),
        (format!("/v1/notifications/{missing}"), "no_such_notification"),
        (format!("/v1/subscriptions/{}", World::subscription_id()), "no_such_subscription"),
    ] {
        let answer = world.relay.get(&path, Some(&sender.credential)).await;
        assert_eq!(refusal(&answer), (404, code.to_owned()), "{path}");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_a_path_does_not_take_is_refused_with_those_that_it_takes() {
    let world = World::start().await;
    for (method, path, allowed) in [
        ("GET", "/v1/notifications", "POST"),
        ("PATCH", "/v1/notifications", "POST"),
        ("POST", "/v1/relay", "GET,HEAD"),
        ("POST", "/v1/registrations/x", "GET,HEAD,PUT,DELETE"),
    ] {
        let answer = raw(&world, method, path, None, ("", "")).await;
        assert_eq!(refusal(&answer), (405, "method_not_allowed".to_owned()), "{method} {path}");
        assert_eq!(answer.headers["allow"], allowed, "{method} {path}");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_or_no_json_is_refused() {
    let world = World::builder().config("limits", "body_bytes = 16384").start().await;
    let sender = world.sender("sealed_only").await;
    let bearer = format!("Bearer {}", sender.credential);
    let large = format!("\"{}\"", "x".repeat(16_384));
    for (body, expected) in [
        (("application/json", large.as_str()), (413, "body_too_large")),
        (("text/plain", "{}"), (415, "not_json")),
        (("", "{}"), (415, "not_json")),
        (("application/json", ""), (400, "broken_json")),
        (("application/json", "{"), (400, "broken_json")),
        (("application/json", "{\"id\": nothing}"), (400, "broken_json")),
    ] {
        let answer = raw(&world, "POST", "/v1/notifications", Some(&bearer), body).await;
        let (status, code) = expected;
        assert_eq!(refusal(&answer), (status, code.to_owned()), "{}", body.1.len());
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_already_is_a_conflict() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    let hash = sealpush_seal::base64url::encode(&[9; 32]);
    let mut again = crate::support::fcm(&phone.token);
    again["registration"] = json!(phone.registration);
    again["secret_hash"] = json!(hash);
    let taken = world.relay.post("/v1/registrations", None, &again).await;
    assert_eq!(refusal(&taken), (409, "registration_id_taken".to_owned()));

    let other = world.android(&sender, false).await;
    let path = format!("/v1/registrations/{}/subscriptions", other.registration);
    let request = json!({"subscription": phone.subscription, "sender": sender.id});
    let taken = world.relay.post(&path, Some(&other.credential), &request).await;
    assert_eq!(refusal(&taken), (409, "subscription_id_taken".to_owned()));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_registration_or_subscription_is_the_same_one() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let registration = json!({
        "app": "chat", "push_service": "fcm", "device_token": world.simulator.fcm_device("chat-project"),
        "registration": World::subscription_id(), "secret_hash": sealpush_seal::base64url::encode(&[9; 32]),
    });
    let statuses = async |path: &str, bearer: Option<&str>, request: &serde_json::Value| {
        let first = world.relay.post(path, bearer, request).await.status.as_u16();
        (first, world.relay.post(path, bearer, request).await.status.as_u16())
    };
    assert_eq!(statuses("/v1/registrations", None, &registration).await, (201, 200));

    let phone = world.android(&sender, false).await;
    let path = format!("/v1/registrations/{}/subscriptions", phone.registration);
    let subscription = json!({"subscription": World::subscription_id(), "sender": sender.id});
    assert_eq!(statuses(&path, Some(&phone.credential), &subscription).await, (201, 200));
    world.end().await;
}

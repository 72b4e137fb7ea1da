//! The operator's TCP listener: whose token may do what.

use http::Method;
use sealpush::model::{BearerToken, CredentialId, TokenKindPrefix};
use serde_json::{Value, json};

use crate::support::{Answer, World};

/// A token of this role: its id and its text.
async fn token(world: &World, role: &str) -> (String, String) {
    let answer = world.admin.post("/admin/tokens", None, &json!({"role": role})).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.headers["cache-control"], "no-store");
    let text = |member: &str| answer.json()[member].as_str().unwrap().to_owned();
    (text("id"), text("token"))
}

fn refusal(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.code())
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tcp_administration_asks_for_a_token_and_monitoring_on_this_machine_does_not() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let id = CredentialId::from_bytes([1; 16]);
    let unknown = BearerToken::from_parts(id, [2; 32]).reveal(TokenKindPrefix::Operator);

    for (bearer, code) in [
        (None, "credential_malformed"),
        (Some("sp_o_x"), "credential_malformed"),
        (Some(sender.credential.as_str()), "credential_malformed"),
        (Some(unknown.as_str()), "credential_invalid"),
    ] {
        let answer = world.operator.get("/admin/senders", bearer).await;
        assert_eq!(refusal(&answer), (401, code.to_owned()));
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
    assert_eq!(world.operator.get("/admin/nothing", None).await.status, 404);
    assert_eq!(world.operator.get("/readyz", None).await.status, 200);
    assert_eq!(world.operator.get("/metrics", None).await.status, 200);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_reads_and_an_owner_does_everything() {
    let world = World::start().await;
    let ((_, viewer), (owner_id, owner)) = (token(&world, "viewer").await, token(&world, "owner").await);
    let new = json!({"name": "by token"});

    for path in ["senders", "invites", "tokens", "apps", "audit", "audit/verify", "outbox"] {
        let path = format!("/admin/{path}");
        for bearer in [&viewer, &owner] {
            assert_eq!(world.operator.get(&path, Some(bearer)).await.status, 200, "{path}");
        }
    }
    let refused = world.operator.post("/admin/senders", Some(&viewer), &new).await;
    assert_eq!(refusal(&refused), (403, "owner_needed".to_owned()));
    assert_eq!(world.operator.post("/admin/senders", Some(&owner), &new).await.status, 201);

    let log = world.operator.get("/admin/audit", Some(&viewer)).await.json();
    let last = log["entries"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&last["action"], &last["actor"]),
        (&json!("sender.add"), &json!(format!("operator:{owner_id}")))
    );
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_operator_token_stops_at_once() {
    let world = World::start().await;
    let (id, owner) = token(&world, "owner").await;
    let path = format!("/admin/tokens/{id}");
    let listed = world.operator.get("/admin/tokens", Some(&owner)).await.json();
    assert_eq!((&listed["tokens"][0]["id"], &listed["tokens"][0]["role"]), (&json!(id), &json!("owner")));
    assert_eq!(listed["tokens"][0]["last_used_day"], json!(world.clock.now().day().to_string()));
    assert!(!listed.to_string().contains("sp_o_"));

    assert_eq!(world.operator.call(Method::DELETE, &path, Some(&owner), None).await.status, 204);

    let answer = world.operator.get("/admin/tokens", Some(&owner)).await;
    assert_eq!(refusal(&answer), (401, "credential_invalid".to_owned()));
    let again = world.admin.call(Method::DELETE, &path, None, None).await;
    assert_eq!(refusal(&again), (404, "no_such_token".to_owned()));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_token_ends_by_itself() {
    let (world, clock) = World::at_a_standstill().await;
    let request = json!({"role": "viewer", "expires_in": 3600});
    let token = world.admin.post("/admin/tokens", None, &request).await.json()["token"].clone();
    let token = token.as_str().unwrap();
    clock.advance(std::time::Duration::from_secs(3599));
    assert_eq!(world.operator.get("/admin/apps", Some(token)).await.status, 200);

    clock.advance(std::time::Duration::from_secs(1));

    let answer = world.operator.get("/admin/apps", Some(token)).await;
    assert_eq!(refusal(&answer), (401, "credential_invalid".to_owned()));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_requests_for_tokens_and_invites_are_named() {
    let world = World::start().await;
    for (path, request, code, pointer) in [
        ("tokens", json!({"role": "admin"}), "invalid_request", "/role"),
        ("tokens", json!({"role": "owner", "expires_in": 1}), "invalid_lifetime", "/expires_in"),
        ("invites", json!({"count": 0}), "invalid_count", "/count"),
        ("invites", json!({"count": 101}), "invalid_count", "/count"),
        ("invites", json!({"expires_in": 400_000_000}), "invalid_lifetime", "/expires_in"),
    ] {
        let answer = world.admin.post(&format!("/admin/{path}"), None, &request).await;
        assert_eq!(refusal(&answer), (422, code.to_owned()), "{request}");
        assert_eq!(answer.json()["pointer"], Value::from(pointer));
    }
    for path in ["/admin/tokens/x", "/admin/invites/x"] {
        assert_eq!(world.admin.call(Method::DELETE, path, None, None).await.status, 400);
    }
    world.end().await;
}

//! `/admin/senders`.

use std::collections::BTreeSet;

use futures_util::poll;
use http::{Method, StatusCode};
use sealpush::base::UnixMillis;
use sealpush::model::{BearerToken, Scopes, TokenKindPrefix};
use serde_json::{Value, json};

use super::Office;
use crate::support::World;

#[tokio::test]
async fn a_new_senders_credential_has_every_scope_and_is_kept_as_a_hash() {
    let office = Office::new().await;
    let (status, added) = office.ask(Method::POST, "/admin/senders", json!({"name": "a"})).await;
    assert_eq!((status, &added["content_policy"]), (StatusCode::CREATED, &json!("sealed_only")));
    assert_eq!(added["created_day"], "2026-11-21");
    let token = BearerToken::parse(TokenKindPrefix::Sender, added["credential"].as_str().unwrap()).unwrap();
    let kept = office.store.credentials.find(token.id()).await.unwrap().unwrap();
    assert_eq!((kept.scopes, kept.expires_at), (Scopes::ALL, None));
    assert_eq!(kept.secret_hash, token.secret_hash());
    assert_eq!(kept.sender.to_string(), added["id"]);
}

#[tokio::test]
async fn a_list_of_senders_comes_in_pages_without_gaps() {
    let office = Office::new().await;
    let mut added = BTreeSet::new();
    for _ in 0..201 {
        added.insert(office.add("a").await);
    }
    let pages = office.pages("/admin/senders", "senders").await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [100, 100, 1]);
    let listed: BTreeSet<_> =
        pages.concat().iter().map(|sender| sender["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(listed, added);
}

/// The operator hangs up while the database commits.
#[tokio::test]
async fn an_erasure_that_began_is_carried_to_its_end() {
    let office = Office::new().await;
    let id = office.add("a").await;
    let path = format!("/admin/senders/{id}");
    let mut asked = Box::pin(office.ask(Method::DELETE, &path, Value::Null));
    assert!(poll!(asked.as_mut()).is_pending());

    drop(asked);

    let (senders, id) = (&office.store.senders, id.parse().unwrap());
    World::until("nothing in memory is sent any more", async || {
        senders.has_stopped(id, UnixMillis(0), UnixMillis(1))
    })
    .await;
    assert_eq!(senders.find(id).await.unwrap(), None);
}

#[tokio::test]
async fn a_full_last_page_has_no_next_one() {
    let office = Office::new().await;
    for _ in 0..100 {
        office.add("a").await;
    }
    assert_eq!(office.pages("/admin/senders", "senders").await.len(), 1);
}

#[tokio::test]
async fn each_unusable_request_is_refused_by_its_code() {
    let office = Office::new().await;
    let unknown = "/admin/senders/0b4a1f6e-58a4-4c1e-9d0e-3f2f6a7b8c9d";
    for (method, path, body, status, code) in [
        (Method::POST, "/admin/senders", json!({"name": ""}), 422, "invalid_name"),
        (Method::POST, "/admin/senders", json!({"name": "a", "more": 1}), 422, "invalid_request"),
        (
            Method::POST,
            "/admin/senders",
            json!({"name": "a", "content_policy": "open"}),
            422,
            "invalid_request",
        ),
        (Method::GET, "/admin/senders?after=x", Value::Null, 400, "invalid_sender_id"),
        (Method::DELETE, unknown, Value::Null, 404, "no_such_sender"),
        (Method::PUT, unknown, Value::Null, 405, "method_not_allowed"),
        (Method::POST, "/admin/senders/x/suspend", Value::Null, 400, "invalid_sender_id"),
        (Method::GET, "/admin/secrets", Value::Null, 404, "no_such_path"),
        (Method::POST, "/admin/audit", json!({"action": "app.add", "app": "A b"}), 422, "invalid_app"),
        (Method::POST, "/admin/audit", json!({"action": "anything"}), 422, "invalid_request"),
    ] {
        let (answered, problem) = office.ask(method, path, body).await;
        assert_eq!((answered.as_u16(), &problem["code"]), (status, &json!(code)), "{path}: {problem}");
    }
}

#[tokio::test]
async fn what_was_refused_is_not_in_the_audit_log() {
    let office = Office::new().await;
    office.ask(Method::POST, "/admin/senders", json!({"name": ""})).await;
    office.ask(Method::DELETE, "/admin/senders/0b4a1f6e-58a4-4c1e-9d0e-3f2f6a7b8c9d", Value::Null).await;
    assert!(office.store.audit.list(0, 10).await.unwrap().is_empty());
}

//! `/admin/audit`.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::Office;

#[tokio::test]
async fn every_change_is_an_entry_about_an_id() {
    let office = Office::new().await;
    let id = office.add("canary").await;
    for (method, path) in [(Method::POST, "/suspend"), (Method::POST, "/resume"), (Method::DELETE, "")] {
        let (status, _) = office.ask(method, &format!("/admin/senders/{id}{path}"), Value::Null).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
    }
    let entries = office.pages("/admin/audit", "entries").await.concat();
    let actions: Vec<_> = entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["sender.add", "sender.suspend", "sender.resume", "sender.erase"]);
    assert!(entries.iter().all(|entry| entry["subject"] == json!(id) && entry["actor"] == "operator"));
    assert_eq!(entries[0]["at"], "2026-11-21T00:00:00Z");
    assert!(!json!(entries).to_string().contains("canary"));
}

#[tokio::test]
async fn an_app_that_was_added_to_the_config_is_noted() {
    let office = Office::new().await;
    let (status, _) =
        office.ask(Method::POST, "/admin/audit", json!({"action": "app.add", "app": "chat"})).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let entries = office.pages("/admin/audit", "entries").await.concat();
    assert_eq!((&entries[0]["action"], &entries[0]["subject"]), (&json!("app.add"), &json!("chat")));
}

#[tokio::test]
async fn the_log_is_read_in_pages_and_is_whole() {
    let office = Office::new().await;
    for _ in 0..101 {
        office.add("a").await;
    }
    let pages = office.pages("/admin/audit", "entries").await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [100, 1]);
    let sequence: Vec<_> = pages.concat().iter().map(|entry| entry["sequence"].as_i64().unwrap()).collect();
    assert_eq!(sequence, (1..=101).collect::<Vec<_>>());
    let (_, verdict) = office.ask(Method::GET, "/admin/audit/verify", Value::Null).await;
    assert_eq!(verdict, json!({"intact": true}));
}

//! `/admin/audit`.

use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode};
use sealpush::base::{Clock, ManualClock};
use sealpush::config::Retention;
use sealpush::operator::{AuditHeads, Sweeper};
use serde_json::{Value, json};

use super::Office;
use super::office::NOW;

#[tokio::test]
async fn every_change_is_an_entry_about_an_id() {
    let office = Office::new().await;
    let id = office.add("canary").await;
    for (method, path) in [(Method::POST, "/suspend"), (Method::POST, "/resume"), (Method::DELETE, "")] {
        let (status, _) = office.ask(method, &format!("/admin/senders/{id}{path}"), Value::Null).await;
        assert!(status.is_success(), "{status}");
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
    let hash = &pages[1][0]["hash"];
    assert_eq!(verdict, json!({"intact": true, "head": {"sequence": 101, "hash": hash}}));
}

#[tokio::test]
async fn a_head_that_was_noted_is_found_or_missing() {
    let office = Office::new().await;
    office.add("a").await;
    office.add("b").await;
    let noted = office.pages("/admin/audit", "entries").await[0][0]["hash"].as_str().unwrap().to_owned();
    let verify = async |head: &str| {
        office.ask(Method::GET, &format!("/admin/audit/verify?head={head}"), Value::Null).await
    };

    let (_, found) = verify(&noted).await;
    assert_eq!((&found["intact"], &found["noted"]), (&json!(true), &json!(1)));
    let (_, missing) = verify(&noted.replace(|c: char| c.is_ascii_digit(), "a")).await;
    assert_eq!((&missing["intact"], &missing["head_missing"]), (&json!(false), &json!(true)));
    let (status, problem) = verify("none").await;
    assert_eq!((status, &problem["code"]), (StatusCode::BAD_REQUEST, &json!("invalid_query")));
}

/// Sweeps after so many days; how many entries were cut.
async fn swept_after(office: &Office, days: u64, audit: Option<Duration>) -> u64 {
    let clock = ManualClock::at(NOW);
    clock.advance(Duration::from_hours(24 * days));
    let kept = Retention { audit, ..Retention::default() };
    let sweeper = Sweeper::new(&office.store, Arc::new(clock) as Arc<dyn Clock>, kept, None);
    sweeper.sweep(true).await.unwrap().audit
}

#[tokio::test]
async fn the_log_is_kept_for_as_long_as_the_config_says_and_stays_whole() {
    let office = Office::new().await;
    for _ in 0..3 {
        office.add("a").await;
    }
    let days = |days: u64| Some(Duration::from_hours(24 * days));
    assert_eq!(swept_after(&office, 400, days(400)).await, 0);
    assert_eq!(swept_after(&office, 5_000, None).await, 0, "for ever");

    assert_eq!(swept_after(&office, 401, days(400)).await, 3);

    let entries = office.pages("/admin/audit", "entries").await.concat();
    assert_eq!((entries.len(), &entries[0]["action"]), (1, &json!("audit.cut")));
    assert_eq!((&entries[0]["sequence"], &entries[0]["actor"]), (&json!(4), &json!("relay")));
    let (_, verdict) = office.ask(Method::GET, "/admin/audit/verify", Value::Null).await;
    assert_eq!((&verdict["intact"], &verdict["cut"]["sequence"]), (&json!(true), &json!(3)));
}

#[tokio::test]
async fn the_heads_of_the_last_days_tell_no_times_and_no_numbers() {
    let office = Office::new().await;
    let clock = Arc::new(ManualClock::at(NOW));
    let heads = AuditHeads::new(&office.store, Arc::clone(&clock) as Arc<dyn Clock>);
    assert_eq!(heads.daily().await.unwrap().len(), 0);
    office.add("a").await;
    assert_eq!(heads.daily().await.unwrap().len(), 0, "the day has not ended");

    clock.advance(Duration::from_hours(24 * 2));

    let shown = heads.daily().await.unwrap();
    let entries = office.pages("/admin/audit", "entries").await.concat();
    assert_eq!(
        shown.iter().map(|head| hex::encode(head.hash)).collect::<Vec<_>>(),
        [entries[0]["hash"].as_str().unwrap(), entries[0]["hash"].as_str().unwrap()]
    );
    assert_eq!(shown[0].day.to_string(), "2026-11-22");
}

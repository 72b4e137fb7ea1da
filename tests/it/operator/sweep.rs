//! What authorised and has ended is erased.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use sealpush::base::{Clock, ManualClock};
use sealpush::operator::Sweep;
use serde_json::{Value, json};

use super::office::{NOW, Office};

/// Sweeps as after `later`; how much was erased.
async fn swept_after(office: &Office, later: Duration) -> u64 {
    let clock = ManualClock::at(NOW);
    clock.advance(later);
    Sweep::new(&office.store, Arc::new(clock) as Arc<dyn Clock>).sweep().await.unwrap()
}

#[tokio::test]
async fn invites_and_tokens_are_erased_when_they_end_and_not_before() {
    let office = Office::new().await;
    office.ask(Method::POST, "/admin/invites", json!({"expires_in": 3600, "count": 3})).await;
    office.ask(Method::POST, "/admin/tokens", json!({"role": "viewer", "expires_in": 7200})).await;
    office.ask(Method::POST, "/admin/tokens", json!({"role": "owner"})).await;

    let erased = [3599, 3600, 7199, 7200].map(Duration::from_secs);
    let mut counts = Vec::new();
    for later in erased {
        counts.push(swept_after(&office, later).await);
    }

    assert_eq!(counts, [0, 3, 0, 1]);
    let (_, tokens) = office.ask(Method::GET, "/admin/tokens", Value::Null).await;
    assert_eq!(tokens["tokens"].as_array().unwrap().len(), 1);
}

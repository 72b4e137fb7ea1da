//! What the push services do to a sender that is too fast, or wrong too often.

use std::time::{Duration, Instant};

use push_simulator::{Environment, FcmQuotas, SimulatorConfig};
use serde_json::json;

use crate::support::client::Answer;
use crate::support::fcm_stage::{FcmStage, codes, failed};
use crate::support::stage::{Stage, refused, success};
use crate::support::tap::tapped;

async fn impatient(apns_patience: u32, apns_pause: Duration) -> Stage {
    let config = SimulatorConfig { apns_patience, apns_pause, ..SimulatorConfig::default() };
    Stage::new(Environment::Production, config).await
}

async fn quotas(fcm_quotas: FcmQuotas) -> FcmStage {
    FcmStage::with(SimulatorConfig { fcm_quotas, ..SimulatorConfig::default() }).await
}

/// Status and subject of the quota that is used up.
fn used_up(answer: &Answer) -> String {
    assert_eq!(codes(answer), failed(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"));
    answer.json()["error"]["details"][1]["violations"][0]["subject"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_flood_of_bad_tokens_closes_the_connection_behind_the_last_answer() {
    let mut stage = impatient(6, Duration::ZERO).await;
    let url = stage.simulator.apns(Environment::Production).url();
    let (client, seen, connection) = tapped(url, stage.simulator.ca_pem()).await;
    stage.client = client;
    let nobody = stage.push().path(&format!("/3/device/{}", "00".repeat(32)));

    for _ in 0..3 {
        assert_eq!(stage.refusal(&nobody).await, refused(400, "BadDeviceToken"));
    }

    let _either_way = connection.await.unwrap();
    assert_eq!(seen.goodbyes(), [(5, String::new())]);
    assert!(stage.client.send(nobody.request()).await.is_err());
}

#[tokio::test]
async fn other_mistakes_take_twice_as_many_and_a_new_connection_begins_anew() {
    let mut stage = impatient(6, Duration::ZERO).await;
    let wrong = stage.push().with("apns-priority", "7");
    for _ in 0..6 {
        assert_eq!(stage.refusal(&wrong).await, refused(400, "BadPriority"));
    }
    // The goodbye follows the answer, and may be read only after the next request was sent.
    while stage.client.send(wrong.request()).await.is_ok() {}
    stage.reconnect(Environment::Production).await;
    assert_eq!(stage.refusal(&stage.push()).await, success());
}

#[tokio::test]
async fn gone_is_no_mistake() {
    let stage = impatient(6, Duration::ZERO).await;
    stage.simulator.unregister(&stage.token, 1);
    for _ in 0..30 {
        assert_eq!(stage.refusal(&stage.push()).await, refused(410, "Unregistered"));
    }
}

#[tokio::test]
async fn many_mistakes_slow_a_connection_down() {
    let stage = impatient(6, Duration::from_millis(40)).await;
    let wrong = stage.push().with("apns-priority", "7");
    for _ in 0..3 {
        stage.refusal(&wrong).await;
    }
    let before = Instant::now();
    assert_eq!(stage.refusal(&wrong).await, refused(400, "BadPriority"));
    assert!(before.elapsed() >= Duration::from_millis(40));
}

#[tokio::test]
async fn a_device_that_is_pushed_to_too_often_has_too_many_requests() {
    let config = SimulatorConfig { apns_device_per_minute: Some(2), ..SimulatorConfig::default() };
    let stage = Stage::new(Environment::Production, config).await;
    let push = stage.push();
    let upper_case = stage.push().path(&format!("/3/device/{}", stage.token.to_uppercase()));

    assert_eq!(stage.refusal(&push).await, success());
    assert_eq!(stage.refusal(&upper_case).await, success());
    assert_eq!(stage.refusal(&push).await, refused(429, "TooManyRequests"));
    stage.pass(30);
    assert_eq!(stage.refusal(&push).await, success());
}

#[tokio::test]
async fn a_project_has_so_many_requests_a_minute_and_refused_ones_count() {
    let stage = quotas(FcmQuotas { project_per_minute: Some(2), ..FcmQuotas::default() }).await;

    assert_eq!(stage.send_body(&json!({"message": {"token": "nonsense"}})).await.status, 400);
    assert_eq!(stage.send(json!({})).await.status, 200);
    assert_eq!(used_up(&stage.send(json!({})).await), "project");
    stage.pass(30);
    assert_eq!(stage.send(json!({})).await.status, 200);
}

#[tokio::test]
async fn a_device_has_quotas_of_its_own() {
    let hourly = FcmQuotas { device_per_hour: Some(1), ..FcmQuotas::default() };
    let minutely = FcmQuotas { device_per_minute: Some(1), ..FcmQuotas::default() };
    for stage in [quotas(hourly).await, quotas(minutely).await] {
        let other = stage.simulator.fcm_device(crate::support::fcm_stage::PROJECT);
        assert_eq!(stage.send(json!({})).await.status, 200);
        assert_eq!(used_up(&stage.send(json!({})).await), "device");
        assert_eq!(stage.send_body(&json!({"message": {"token": other}})).await.status, 200);
    }
}

#[tokio::test]
async fn collapsible_messages_have_a_small_budget_and_others_do_not() {
    let stage = quotas(FcmQuotas::published()).await;
    let collapsible = json!({"android": {"collapse_key": "room"}});
    for _ in 0..20 {
        assert_eq!(stage.send(collapsible.clone()).await.status, 200);
    }
    assert_eq!(used_up(&stage.send(collapsible.clone()).await), "device");
    assert_eq!(stage.send(json!({})).await.status, 200);
    stage.pass(180);
    assert_eq!(stage.send(collapsible).await.status, 200);
}

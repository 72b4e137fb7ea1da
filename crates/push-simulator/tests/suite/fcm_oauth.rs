//! Google's OAuth token endpoint.

use bytes::Bytes;
use http::Request;
use push_simulator::{Effect, Rule, RuleTarget, Simulator, SimulatorConfig, StartError};
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::fcm_stage::{FcmStage, GRANT_TYPE, SCOPE};
use crate::support::signing::rs256;
use crate::support::stage::START;

/// Status and `error` of a token request with these claims changed.
async fn refusal(stage: &FcmStage, changes: &Value) -> (u16, String) {
    let mut claims = stage.claims();
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let answer = stage.exchange_assertion(&stage.assertion(&claims)).await;
    (answer.status, answer.json()["error"].as_str().unwrap_or_default().to_owned())
}

fn invalid_grant() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

#[tokio::test]
async fn a_good_assertion_earns_an_access_token() {
    let stage =
        FcmStage::with(SimulatorConfig { access_token_seconds: 1234, ..SimulatorConfig::default() }).await;

    let answer = stage.exchange_assertion(&stage.assertion(&stage.claims())).await;

    let body = answer.json();
    assert_eq!(
        (answer.status, &body["expires_in"], &body["token_type"]),
        (200, &json!(1234), &json!("Bearer"))
    );
    assert!(body["access_token"].as_str().unwrap().starts_with("ya29."));
}

#[tokio::test]
async fn every_claim_is_checked() {
    let stage = FcmStage::new().await;
    for changes in [
        json!({"iss": "stranger@example.com"}),
        json!({"iss": null}),
        json!({"aud": "https://oauth2.googleapis.com/token"}),
        json!({"aud": null}),
        json!({"exp": START + 3601}),
        json!({"exp": START}),
        json!({"exp": null}),
        json!({"iat": null}),
        json!({"iat": START - 7200, "exp": START - 3600}),
        json!({"iat": START + 3600, "exp": START + 7200}),
    ] {
        assert_eq!(refusal(&stage, &changes).await, invalid_grant(), "{changes}");
    }
}

#[tokio::test]
async fn a_scope_is_needed_and_must_be_googles() {
    let stage = FcmStage::new().await;
    for scope in [json!(null), json!(""), json!("everything")] {
        let expected = (400, "invalid_scope".to_owned());
        assert_eq!(refusal(&stage, &json!({ "scope": scope })).await, expected, "{scope}");
    }
}

#[tokio::test]
async fn a_token_without_the_messaging_scope_may_not_send() {
    let mut stage = FcmStage::new().await;
    let mut claims = stage.claims();
    for (scope, status) in [
        ("https://www.googleapis.com/auth/datastore", 403),
        ("https://www.googleapis.com/auth/datastore https://www.googleapis.com/auth/cloud-platform", 200),
        (SCOPE, 200),
    ] {
        claims["scope"] = json!(scope);
        let answer = stage.exchange_assertion(&stage.assertion(&claims)).await;
        stage.bearer = answer.json()["access_token"].as_str().unwrap().to_owned();
        assert_eq!(stage.send(json!({})).await.status, status, "{scope}");
    }
}

#[tokio::test]
async fn an_assertion_must_be_signed_by_the_accounts_key() {
    let stage = FcmStage::new().await;
    let key = stage.account["private_key"].as_str().unwrap();
    let good = stage.assertion(&stage.claims());
    let (signed, _) = good.rsplit_once('.').unwrap();
    let other_kid = rs256(key, &json!({"alg": "RS256", "kid": "other"}), &stage.claims());
    let other_algorithm = rs256(key, &json!({"alg": "RS512"}), &stage.claims());
    for assertion in ["nonsense", &format!("{signed}.AAAA"), &other_kid, &other_algorithm] {
        let answer = stage.exchange_assertion(assertion).await;
        assert_eq!((answer.status, &answer.json()["error"]), (400, &json!("invalid_grant")));
    }
}

#[tokio::test]
async fn the_form_must_be_complete() {
    let stage = FcmStage::new().await;
    let assertion = stage.assertion(&stage.claims());
    for (form, error) in [
        (format!("assertion={assertion}"), "invalid_request"),
        (format!("grant_type={GRANT_TYPE}"), "invalid_request"),
        (format!("grant_type=password&assertion={assertion}"), "unsupported_grant_type"),
        (String::new(), "invalid_request"),
    ] {
        let answer = stage.exchange(form).await;
        assert_eq!((answer.status, &answer.json()["error"]), (400, &json!(error)));
    }
}

#[tokio::test]
async fn an_account_without_a_chosen_key_gets_one() {
    let simulator = Simulator::start(SimulatorConfig::default()).await.unwrap();
    let account: Value = serde_json::from_str(&simulator.service_account_json("example")).unwrap();
    assert!(account["private_key"].as_str().unwrap().starts_with("-----BEGIN PRIVATE KEY-----"));
    assert_eq!(account["token_uri"], simulator.token_url());
}

#[tokio::test]
async fn a_key_that_is_none_is_refused_at_the_start() {
    let config =
        SimulatorConfig { service_account_key: Some("nonsense".to_owned()), ..SimulatorConfig::default() };
    assert!(matches!(Simulator::start(config).await, Err(StartError::Certificate(_))));
}

#[tokio::test]
async fn a_body_that_says_it_is_no_form_is_refused() {
    let stage = FcmStage::new().await;
    let body = format!("grant_type={GRANT_TYPE}&assertion={}", stage.assertion(&stage.claims()));
    let request = Request::post("/token").header("content-type", "application/json");
    let answer = stage.token_client.send(request.body(Bytes::from(body)).unwrap()).await.unwrap();
    assert_eq!(answer.json()["error"], "invalid_request");
}

#[tokio::test]
async fn the_token_endpoint_can_be_scripted() {
    let stage = FcmStage::new().await;
    let unavailable = Effect::answer(503, "{\"error\":\"backend_error\"}");
    stage.simulator.script(Rule::new(RuleTarget::TokenEndpoint, unavailable).times(1));

    let failed = stage.exchange_assertion(&stage.assertion(&stage.claims())).await;
    let granted = stage.exchange_assertion(&stage.assertion(&stage.claims())).await;

    assert_eq!((failed.status, granted.status), (503, 200));
    assert_eq!(stage.send(json!({})).await.status, 200);
}

#[tokio::test]
async fn the_token_endpoint_speaks_http_1_1_too() {
    let stage = FcmStage::new().await;
    let client = Client::http1(stage.simulator.token_url(), stage.simulator.ca_pem()).await;
    let form = format!("grant_type={GRANT_TYPE}&assertion={}", stage.assertion(&stage.claims()));
    let request = Request::post("/token").header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(client.send(request.body(Bytes::from(form)).unwrap()).await.unwrap().status, 200);
}

//! Everything that the vendors document can be provoked: by a test in process, and by name over the control API.

use std::collections::BTreeMap;

use push_simulator::{APNS_REFUSALS, Effect, FcmFailure, OauthFailure, Rule, RuleTarget};
use serde_json::{Value, json};

use crate::support::fcm_stage::{FcmStage, codes, failed, failed_before_fcm, violated_field};
use crate::support::stage::{Stage, TOPIC, refused, success};

/// Both forms of RFC 9110 section 10.2.3.
const RETRY_AFTER: [&str; 2] = ["120", "Sun, 06 Nov 2094 08:49:37 GMT"];

/// The first detail of a failure that is of this type.
fn detail<'a>(body: &'a Value, kind: &str) -> &'a Value {
    let details = body["error"]["details"].as_array().unwrap();
    details.iter().find(|detail| detail["@type"].as_str().unwrap().ends_with(kind)).unwrap()
}

async fn fail(stage: &FcmStage, failure: FcmFailure) -> crate::support::client::Answer {
    stage.simulator.script(Rule::new(RuleTarget::Fcm, Effect::fcm(failure)).times(1));
    stage.send(json!({})).await
}

#[tokio::test]
async fn every_documented_refusal_of_apns_can_be_provoked() {
    let stage = Stage::production().await;
    for (status, reason) in APNS_REFUSALS {
        let target = RuleTarget::Device(stage.token.clone());
        stage.simulator.script(Rule::new(target, Effect::apns(status, reason)).times(1));
        assert_eq!(stage.refusal(&stage.push()).await, refused(status, reason));
    }
    assert_eq!(stage.refusal(&stage.push()).await, success());
}

#[tokio::test]
async fn a_refusal_holds_once_some_times_or_always_for_a_token_an_app_or_a_host() {
    let stage = Stage::production().await;
    let busy = || Effect::apns(429, "TooManyRequests");
    for target in
        [RuleTarget::Device(stage.token.clone()), RuleTarget::Topic(TOPIC.to_owned()), RuleTarget::Apns]
    {
        for times in [Some(1), Some(3), None] {
            stage.simulator.script(Rule { target: target.clone(), effect: busy(), times });
            for _ in 0..times.unwrap_or(5) {
                assert_eq!(stage.refusal(&stage.push()).await, refused(429, "TooManyRequests"));
            }
            stage.simulator.clear_script();
            assert_eq!(stage.refusal(&stage.push()).await, success());
        }
    }
}

#[tokio::test]
async fn an_answer_of_apns_may_carry_a_retry_after_that_apple_does_not_document() {
    let stage = Stage::production().await;
    for value in RETRY_AFTER {
        let headers = BTreeMap::from([("retry-after".to_owned(), value.to_owned())]);
        let body = r#"{"reason":"ServiceUnavailable"}"#.to_owned();
        stage
            .simulator
            .script(Rule::new(RuleTarget::Apns, Effect::Answer { status: 503, headers, body }).times(1));
        assert_eq!(stage.send(&stage.push()).await.header("retry-after"), Some(value));
    }
}

#[tokio::test]
async fn every_failure_of_fcm_can_be_provoked_with_both_forms_of_retry_after() {
    let stage = FcmStage::new().await;
    for failure in FcmFailure::ALL {
        for value in RETRY_AFTER {
            let effect = Effect::fcm(failure).retry_after(value);
            stage.simulator.script(Rule::new(RuleTarget::Device(stage.token.clone()), effect).times(1));
            let answer = stage.send(json!({})).await;
            assert!(answer.status >= 400, "{failure:?}");
            assert_eq!(answer.header("retry-after"), Some(value), "{failure:?}");
        }
    }
    assert_eq!(stage.send(json!({})).await.status, 200);
}

#[tokio::test]
async fn a_used_up_quota_says_whose_it_is() {
    let stage = FcmStage::new().await;
    for (failure, subject) in [
        (FcmFailure::QuotaExceeded, "project"),
        (FcmFailure::DeviceQuotaExceeded, "device"),
        (FcmFailure::TopicQuotaExceeded, "topic"),
    ] {
        let answer = fail(&stage, failure).await;
        assert_eq!(codes(&answer), failed(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"));
        assert_eq!(detail(&answer.json(), "google.rpc.QuotaFailure")["violations"][0]["subject"], subject);
    }
}

#[tokio::test]
async fn failures_carry_the_details_that_google_documents() {
    let stage = FcmStage::new().await;
    let apns = fail(&stage, FcmFailure::ThirdPartyApnsError).await;
    let wait = fail(&stage, FcmFailure::UnavailableRetryInfo).await;
    let text = fail(&stage, FcmFailure::InvalidTokenText).await;

    assert_eq!(codes(&apns), failed(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"));
    assert_eq!(detail(&apns.json(), "fcm.v1.ApnsError")["reason"], "BadEnvironmentKeyInToken");
    assert_eq!(codes(&wait), failed(503, "UNAVAILABLE", "UNAVAILABLE"));
    assert_eq!(detail(&wait.json(), "google.rpc.RetryInfo")["retryDelay"], "30s");
    assert_eq!(codes(&text), failed(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"));
    assert_eq!(violated_field(&text), None);
}

#[tokio::test]
async fn an_invalid_argument_names_the_token_or_another_field() {
    let stage = FcmStage::new().await;
    for (failure, field) in
        [(FcmFailure::InvalidToken, "message.token"), (FcmFailure::InvalidArgument, "message.android")]
    {
        assert_eq!(violated_field(&fail(&stage, failure).await).unwrap(), field);
    }
}

#[tokio::test]
async fn what_comes_from_in_front_of_fcm_has_no_code_of_its_own() {
    let stage = FcmStage::new().await;
    for (failure, expected) in [
        (FcmFailure::ServiceDisabled, failed_before_fcm(403, "PERMISSION_DENIED")),
        (FcmFailure::ProjectNotFound, failed_before_fcm(404, "NOT_FOUND")),
        (FcmFailure::TooBig, failed_before_fcm(400, "INVALID_ARGUMENT")),
    ] {
        assert_eq!(codes(&fail(&stage, failure).await), expected);
    }
    for (failure, status) in
        [(FcmFailure::UrlNotFound, 404), (FcmFailure::BadGateway, 502), (FcmFailure::GatewayTimeout, 504)]
    {
        let answer = fail(&stage, failure).await;
        assert_eq!((answer.status, answer.body.starts_with(b"<!DOCTYPE html>")), (status, true));
    }
}

#[tokio::test]
async fn every_failure_of_the_token_endpoint_can_be_provoked() {
    let stage = FcmStage::new().await;
    let statuses = [400, 400, 400, 401, 401, 403, 429, 500, 503, 502];
    for (failure, status) in OauthFailure::ALL.into_iter().zip(statuses) {
        let effect = Effect::oauth(failure).retry_after("30");
        stage.simulator.script(Rule::new(RuleTarget::TokenEndpoint, effect).times(1));
        let answer = stage.exchange_assertion(&stage.assertion(&stage.claims())).await;
        assert_eq!((answer.status, answer.header("retry-after")), (status, Some("30")), "{failure:?}");
        let is_json = answer.header("content-type").unwrap().starts_with("application/json");
        assert_eq!(is_json, failure != OauthFailure::BadGateway);
    }
    assert!(!stage.fetch().await.is_empty());
}

#[test]
fn the_readme_lists_all_of_it() {
    let readme = include_str!("../../README.md");
    let (_, listed) = readme.split_once("## What can be provoked").unwrap();
    let name = |failure: Value| failure.as_str().unwrap().to_owned();
    let names = APNS_REFUSALS.iter().map(|(_, reason)| (*reason).to_owned());
    let names = names.chain(FcmFailure::ALL.map(|failure| name(json!(failure))));
    for name in names.chain(OauthFailure::ALL.map(|failure| name(json!(failure)))) {
        assert!(listed.contains(&format!("`{name}`")), "{name}");
    }
}

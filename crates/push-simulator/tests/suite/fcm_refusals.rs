//! Whom FCM lets send, and to which tokens.

use bytes::Bytes;
use http::{Method, Request};
use push_simulator::{Effect, FcmFailure, Rule, RuleTarget, SimulatorConfig};
use serde_json::json;

use crate::support::client::{Answer, Client};
use crate::support::fcm_stage::{FcmStage, PROJECT, codes, failed, failed_before_fcm, violated_field};

/// A send of `stage` with its path or bearer token changed.
async fn altered(stage: &FcmStage, path: &str, bearer: Option<&str>) -> Answer {
    let mut request = Request::post(path);
    if let Some(bearer) = bearer {
        request = request.header("authorization", format!("Bearer {bearer}"));
    }
    let body = json!({"message": {"token": stage.token}}).to_string();
    stage.client.send(request.body(Bytes::from(body)).unwrap()).await.unwrap()
}

fn path(project: &str) -> String {
    format!("/v1/projects/{project}/messages:send")
}

#[tokio::test]
async fn without_a_good_access_token_nobody_is_authenticated() {
    let stage = FcmStage::new().await;
    for bearer in [None, Some("nonsense"), Some("\"quoted\"")] {
        let answer = altered(&stage, &path(PROJECT), bearer).await;
        assert_eq!(codes(&answer), failed_before_fcm(401, "UNAUTHENTICATED"));
    }
}

#[tokio::test]
async fn an_access_token_runs_out() {
    let stage =
        FcmStage::with(SimulatorConfig { access_token_seconds: 60, ..SimulatorConfig::default() }).await;
    stage.pass(59);
    assert_eq!(stage.send(json!({})).await.status, 200);
    stage.pass(1);
    assert_eq!(codes(&stage.send(json!({})).await), failed_before_fcm(401, "UNAUTHENTICATED"));
}

#[tokio::test]
async fn revoked_access_tokens_are_not_accepted_and_new_ones_are() {
    let mut stage = FcmStage::new().await;
    stage.simulator.revoke_access_tokens();
    assert_eq!(stage.send(json!({})).await.status, 401);
    stage.bearer = stage.fetch().await;
    assert_eq!(stage.send(json!({})).await.status, 200);
}

#[tokio::test]
async fn an_account_sends_for_its_own_project() {
    let stage = FcmStage::new().await;
    let _other = stage.simulator.fcm_device("other-project");

    let other = altered(&stage, &path("other-project"), Some(&stage.bearer)).await;
    let unknown = altered(&stage, &path("no-project"), Some(&stage.bearer)).await;

    assert_eq!(codes(&other), failed_before_fcm(403, "PERMISSION_DENIED"));
    assert_eq!(codes(&unknown), failed_before_fcm(404, "NOT_FOUND"));
}

#[tokio::test]
async fn another_path_or_method_is_a_page_in_html() {
    let stage = FcmStage::new().await;
    let mut get = stage.request("");
    *get.method_mut() = Method::GET;

    let wrong_path = altered(&stage, "/v1/projects/x/messages:batch", Some(&stage.bearer)).await;
    let wrong_method = stage.client.send(get).await.unwrap();

    for answer in [wrong_path, wrong_method] {
        assert_eq!(answer.status, 404);
        assert!(answer.header("content-type").unwrap().starts_with("text/html"));
    }
}

#[tokio::test]
async fn a_token_that_is_none_is_an_invalid_argument_that_names_it() {
    let stage = FcmStage::new().await;
    for token in ["nonsense", "a:b", &"x".repeat(163)] {
        let answer = stage.send_body(&json!({"message": {"token": token}})).await;
        assert_eq!(codes(&answer), failed(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"));
        assert_eq!(violated_field(&answer).unwrap(), "message.token");
    }
}

#[tokio::test]
async fn a_dead_or_unheard_of_token_is_unregistered() {
    let stage = FcmStage::new().await;
    let unheard_of = format!("{}x", stage.token);
    stage.simulator.unregister(&stage.token, 0);

    let dead = stage.send(json!({})).await;
    let unknown = stage.send_body(&json!({"message": {"token": unheard_of}})).await;

    assert_eq!(codes(&dead), failed(404, "NOT_FOUND", "UNREGISTERED"));
    assert_eq!(codes(&unknown), failed(404, "NOT_FOUND", "UNREGISTERED"));
}

#[tokio::test]
async fn a_token_of_another_project_is_a_sender_id_mismatch() {
    let stage = FcmStage::new().await;
    let other = stage.simulator.fcm_device("other-project");
    let answer = stage.send_body(&json!({"message": {"token": other}})).await;
    assert_eq!(codes(&answer), failed(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"));
}

#[tokio::test]
async fn every_failure_has_its_documented_shape() {
    let stage = FcmStage::new().await;
    for (failure, expected) in [
        (FcmFailure::Unregistered, failed(404, "NOT_FOUND", "UNREGISTERED")),
        (FcmFailure::SenderIdMismatch, failed(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH")),
        (FcmFailure::InvalidToken, failed(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT")),
        (FcmFailure::InvalidArgument, failed(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT")),
        (FcmFailure::QuotaExceeded, failed(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED")),
        (FcmFailure::Unavailable, failed(503, "UNAVAILABLE", "UNAVAILABLE")),
        (FcmFailure::Internal, failed(500, "INTERNAL", "INTERNAL")),
        (FcmFailure::ThirdPartyAuthError, failed(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR")),
        (FcmFailure::UnspecifiedError, failed(500, "UNKNOWN", "UNSPECIFIED_ERROR")),
        (FcmFailure::Unauthenticated, failed_before_fcm(401, "UNAUTHENTICATED")),
        (FcmFailure::PermissionDenied, failed_before_fcm(403, "PERMISSION_DENIED")),
        (FcmFailure::ProjectNotFound, failed_before_fcm(404, "NOT_FOUND")),
    ] {
        stage.simulator.script(Rule::new(RuleTarget::Fcm, Effect::fcm(failure)).times(1));
        assert_eq!(codes(&stage.send(json!({})).await), expected);
    }
    assert!(stage.simulator.inbox(&stage.token).is_empty());
}

#[tokio::test]
async fn a_bad_gateway_speaks_html() {
    let stage = FcmStage::new().await;
    stage.simulator.script(Rule::new(RuleTarget::Fcm, Effect::fcm(FcmFailure::BadGateway)));
    let answer = stage.send(json!({})).await;
    assert_eq!((answer.status, answer.body.starts_with(b"<!DOCTYPE html>")), (502, true));
}

#[tokio::test]
async fn a_failure_may_say_when_to_come_back() {
    let stage = FcmStage::new().await;
    let effect = |retry_after: &str| Effect::FcmFailure {
        failure: FcmFailure::QuotaExceeded,
        retry_after: Some(retry_after.to_owned()),
    };
    stage.simulator.script(Rule::new(RuleTarget::Project(PROJECT.to_owned()), effect("120")));
    assert_eq!(stage.send(json!({})).await.header("retry-after"), Some("120"));
}

#[tokio::test]
async fn everything_works_over_http_1_1_too() {
    let stage = FcmStage::new().await;
    let client = Client::http1(stage.simulator.fcm_url(), stage.simulator.ca_pem()).await;
    let body = json!({"message": {"token": stage.token}}).to_string();

    let first = client.send(stage.request(body.clone())).await.unwrap();
    let second = client.send(stage.request(body)).await.unwrap();

    assert_eq!((first.status, second.status), (200, 200));
    let records = stage.simulator.records();
    assert_eq!((records[0].version.as_str(), records[0].connection), ("HTTP/1.1", records[1].connection));
}

//! What a push service refuses, and whose fault it is.

use std::collections::BTreeMap;
use std::time::Duration;

use push_simulator::{Effect, Environment as SimulatedEnvironment, FcmFailure, Rule, RuleTarget};
use sealpush::base::{Clock as _, UnixMillis};
use sealpush::model::{AttemptOutcome, Environment, PushService, Reason};

use super::outbound::Outbound;
use super::rig::{Rig, TOPIC};

fn not_for_app(reason: &str, try_other_environment: bool) -> AttemptOutcome {
    AttemptOutcome::TokenNotForApp { reason: Reason::theirs(reason), try_other_environment }
}

#[tokio::test]
async fn a_phone_without_the_app_is_dead_since_apns_says_so() {
    let rig = Rig::start().await;
    for (end, name) in [(true, "Unregistered"), (false, "ExpiredToken")] {
        let outbound = rig.outbound(PushService::Apns);
        if end {
            rig.simulator.unregister(outbound.token(), 1_763_000_000_000);
        } else {
            rig.simulator.expire_token(outbound.token(), 1_763_000_000_000);
        }
        let (reason, since) = (Reason::theirs(name), Some(UnixMillis(1_763_000_000_000)));
        assert_eq!(rig.push(&outbound).await, AttemptOutcome::TokenDead { reason, since });
    }
}

#[tokio::test]
async fn a_phone_without_the_app_is_dead_at_fcm() {
    let rig = Rig::start().await;
    let outbound = rig.outbound(PushService::Fcm);
    rig.simulator.unregister(outbound.token(), 1_763_000_000_000);
    let reason = Reason::theirs("UNREGISTERED");
    assert_eq!(rig.push(&outbound).await, AttemptOutcome::TokenDead { reason, since: None });
}

#[tokio::test]
async fn a_token_of_the_other_environment_is_worth_an_attempt_there() {
    let rig = Rig::start().await;
    let token = rig.simulator.apns_device(TOPIC, SimulatedEnvironment::Sandbox);
    let outbound = Outbound::alert(PushService::Apns, &token, rig.clock.now());
    assert_eq!(rig.push(&outbound).await, not_for_app("BadDeviceToken", true));
    let outbound = Outbound { environment: Some(Environment::Sandbox), ..outbound };
    assert_eq!(rig.push(&outbound).await, AttemptOutcome::Accepted);
}

#[tokio::test]
async fn a_token_of_another_app_is_not_dead() {
    let rig = Rig::start().await;
    rig.push(&rig.outbound(PushService::Apns)).await;
    let token = rig.simulator.apns_device("org.example.other", SimulatedEnvironment::Production);
    let outbound = Outbound::alert(PushService::Apns, &token, rig.clock.now());
    assert_eq!(rig.push(&outbound).await, not_for_app("DeviceTokenNotForTopic", false));
    let token = rig.simulator.fcm_device("other-project");
    let outbound = Outbound::alert(PushService::Fcm, &token, rig.clock.now());
    assert_eq!(rig.push(&outbound).await, not_for_app("SENDER_ID_MISMATCH", false));
}

#[tokio::test]
async fn an_invalid_token_is_told_apart_from_an_invalid_request() {
    let rig = Rig::start().await;
    let rule = |failure| Rule::new(RuleTarget::Fcm, Effect::fcm(failure)).times(1);
    let outcome = rig.push_under(PushService::Fcm, rule(FcmFailure::InvalidToken)).await;
    assert_eq!(outcome, not_for_app("INVALID_ARGUMENT", false));
    let outcome = rig.push_under(PushService::Fcm, rule(FcmFailure::InvalidArgument)).await;
    assert_eq!(outcome, AttemptOutcome::Rejected { reason: Reason::theirs("INVALID_ARGUMENT") });
}

#[tokio::test]
async fn what_is_about_the_project_holds_the_app() {
    let rig = Rig::start().await;
    for (failure, name) in [
        (FcmFailure::ThirdPartyAuthError, "THIRD_PARTY_AUTH_ERROR"),
        (FcmFailure::PermissionDenied, "PERMISSION_DENIED"),
        (FcmFailure::ProjectNotFound, "NOT_FOUND"),
    ] {
        let rule = Rule::new(RuleTarget::Fcm, Effect::fcm(failure)).times(1);
        let expected = AttemptOutcome::AppHeld { reason: Reason::theirs(name) };
        assert_eq!(rig.push_under(PushService::Fcm, rule).await, expected);
        assert_eq!(rig.services.release(&"chat".parse().unwrap()), 1);
    }
}

#[tokio::test]
async fn retry_after_is_kept_in_both_forms() {
    let rig = Rig::start().await;
    for (text, seconds) in [("45", 45), ("Fri, 21 Nov 2025 00:02:00 GMT", 120)] {
        let (failure, retry_after) = (FcmFailure::QuotaExceeded, Some(text.to_owned()));
        let rule = Rule::new(RuleTarget::Fcm, Effect::FcmFailure { failure, retry_after }).times(1);
        let (reason, after) = (Reason::theirs("QUOTA_EXCEEDED"), Some(Duration::from_secs(seconds)));
        let outcome = rig.push_under(PushService::Fcm, rule).await;
        assert_eq!(outcome, AttemptOutcome::TryLater { reason, after });
        assert_eq!(rig.services.release(&"chat".parse().unwrap()), 1);
    }
}

#[tokio::test]
async fn garbage_kills_no_token_and_no_relay() {
    let rig = Rig::start().await;
    let long = "x".repeat(200_000);
    for body in ["", "<html>Bad Gateway</html>", "{\"reason\":[]}", "{\"error\":7}", &long] {
        for status in [400, 404, 410, 418, 500, 502] {
            let headers = BTreeMap::from([("retry-after".to_owned(), "soon".to_owned())]);
            let effect = Effect::Answer { status, headers, body: body.to_owned() };
            rig.simulator.script(Rule::new(RuleTarget::Everything, effect));
            for push_service in PushService::ALL {
                let outcome = rig.push(&rig.outbound(push_service)).await;
                let is_dead = matches!(outcome, AttemptOutcome::TokenDead { .. });
                assert!(!is_dead && outcome != AttemptOutcome::Accepted, "{status} {outcome:?}");
            }
            rig.simulator.clear_script();
        }
    }
}

#[tokio::test]
async fn an_app_without_credentials_is_refused_unsent() {
    let rig = Rig::start().await;
    for push_service in PushService::ALL {
        let outbound = Outbound { app: "other".parse().unwrap(), ..rig.outbound(push_service) };
        let reason = Reason::ours("push_service_not_configured");
        assert_eq!(rig.push(&outbound).await, AttemptOutcome::Rejected { reason });
    }
}

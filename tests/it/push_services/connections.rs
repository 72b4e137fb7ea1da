//! What happens to a connection, and what that says about a push.

use std::time::{Duration, Instant};

use push_simulator::{Effect, Rule, RuleTarget, Simulator, SimulatorConfig};
use sealpush::model::{AttemptOutcome, PushService};
use sealpush::push_services::{PushSettings, TlsRoots};

use super::rig::{Rig, services_with, settings_for};

fn once(effect: Effect) -> Rule {
    Rule::new(RuleTarget::Everything, effect).times(1)
}

/// A rig whose FCM access token is there, so that a fault hits the push and not the token endpoint.
async fn warm() -> Rig {
    let rig = Rig::start().await;
    for push_service in PushService::ALL {
        assert_eq!(rig.push(&rig.outbound(push_service)).await, AttemptOutcome::Accepted);
    }
    rig
}

#[tokio::test]
async fn what_was_certainly_not_processed_goes_out_on_another_connection() {
    let rig = warm().await;
    for effect in [
        Effect::RefuseStream,
        Effect::GoAway { reason: Some("Shutdown".into()), answered: false },
        Effect::GoAway { reason: None, answered: true },
    ] {
        for push_service in PushService::ALL {
            let outcome = rig.push_under(push_service, once(effect.clone())).await;
            assert_eq!(outcome, AttemptOutcome::Accepted, "{effect:?} {push_service}");
        }
    }
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_request_loses_the_answer() {
    let rig = warm().await;
    for effect in [Effect::BreakAfter, Effect::BreakBefore] {
        for push_service in PushService::ALL {
            let outcome = rig.push_under(push_service, once(effect.clone())).await;
            assert!(matches!(outcome, AttemptOutcome::AnswerLost { .. }), "{effect:?} {outcome:?}");
            assert_eq!(rig.push(&rig.outbound(push_service)).await, AttemptOutcome::Accepted);
        }
    }
}

#[tokio::test]
async fn a_silent_push_service_ends_by_the_limit_and_is_asked_again() {
    let rig = Rig::with(SimulatorConfig::default(), Duration::from_millis(300)).await;
    rig.push(&rig.outbound(PushService::Apns)).await;
    let begun = Instant::now();
    let outcome = rig.push_under(PushService::Apns, once(Effect::Silence)).await;
    let AttemptOutcome::AnswerLost { reason, silent: true } = outcome else { panic!("{outcome:?}") };
    assert_eq!(reason.as_str(), "answer_timed_out");
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(rig.push(&rig.outbound(PushService::Apns)).await, AttemptOutcome::Accepted);
}

#[tokio::test]
async fn a_host_that_is_down_is_left_alone_for_a_while() {
    let rig = Rig::start().await;
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut settings = settings_for(&rig.simulator);
    settings.endpoints.apns_production = format!("https://{nowhere}").parse().unwrap();
    let services = services_with(&rig.simulator, settings, &rig.clock);
    let outbound = rig.outbound(PushService::Apns);

    let first = services.push(outbound.as_push()).await;
    let second = services.push(outbound.as_push()).await;

    let AttemptOutcome::NotProcessed { reason, after: None } = first else { panic!("{first:?}") };
    assert_eq!(reason.as_str(), "connect_failed");
    let AttemptOutcome::NotProcessed { reason, after: Some(after) } = second else { panic!("{second:?}") };
    assert_eq!(reason.as_str(), "connect_failed");
    assert!(after <= Duration::from_secs(1));
}

#[tokio::test]
async fn a_certificate_of_another_authority_gets_nothing() {
    let rig = Rig::start().await;
    let other = Simulator::start(SimulatorConfig::default()).await.unwrap();
    for roots in [settings_for(&other).roots, TlsRoots::WebPki] {
        let settings = PushSettings { roots, ..settings_for(&rig.simulator) };
        let services = services_with(&rig.simulator, settings, &rig.clock);
        let outbound = rig.outbound(PushService::Apns);
        let outcome = services.push(outbound.as_push()).await;
        let AttemptOutcome::NotProcessed { reason, after: None } = outcome else { panic!("{outcome:?}") };
        assert_eq!(reason.as_str(), "tls_failed");
    }
    assert!(rig.simulator.records().is_empty());
}

#[tokio::test]
async fn a_host_that_never_finishes_its_handshake_is_given_up() {
    let rig = Rig::start().await;
    let mute = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut settings = settings_for(&rig.simulator);
    settings.endpoints.fcm = format!("https://{}", mute.local_addr().unwrap()).parse().unwrap();
    settings.connect_limit = Duration::from_millis(200);
    let services = services_with(&rig.simulator, settings, &rig.clock);
    let outbound = rig.outbound(PushService::Fcm);
    let outcome = services.push(outbound.as_push()).await;
    let AttemptOutcome::NotProcessed { reason, after: None } = outcome else { panic!("{outcome:?}") };
    assert_eq!(reason.as_str(), "connect_timed_out");
}

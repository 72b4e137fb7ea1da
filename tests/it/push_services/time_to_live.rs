//! A push is not sent after its time to live, whatever it waited for.

use std::time::{Duration, Instant};

use push_simulator::{Effect, Rule, RuleTarget};
use sealpush::base::Clock as _;
use sealpush::model::{AttemptOutcome, PushService};
use sealpush::push_services::PushServices;

use super::outbound::Outbound;
use super::rig::{Rig, services_with, settings_for};

/// An alert to a new phone, worth so long.
fn worth(rig: &Rig, push_service: PushService, time: Duration) -> Outbound {
    let outbound = rig.outbound(push_service);
    Outbound { deadline: rig.clock.now().plus(time), ..outbound }
}

/// Pushes, while a minute passes as soon as a push service has seen the first request.
async fn push_while_a_minute_passes(rig: &Rig, outbound: &Outbound) -> AttemptOutcome {
    let minute = async {
        while rig.simulator.records().is_empty() {
            tokio::task::yield_now().await;
        }
        rig.clock.advance(Duration::from_mins(1));
    };
    tokio::join!(rig.push(outbound), minute).0
}

async fn assert_given_up_soon(services: &PushServices, outbound: &Outbound, expected: &str) {
    let begun = Instant::now();
    let outcome = services.push(outbound.as_push()).await;
    let AttemptOutcome::NotProcessed { reason, after: None } = outcome else { panic!("{outcome:?}") };
    assert_eq!(reason.as_str(), expected);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_push_waits_for_a_connection_only_while_it_is_worth_sending() {
    let rig = Rig::start().await;
    let mute = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nowhere = format!("https://{}", mute.local_addr().unwrap());
    let mut settings = settings_for(&rig.simulator);
    settings.endpoints.apns_production = nowhere.parse().unwrap();
    settings.endpoints.fcm = nowhere.parse().unwrap();
    let services = services_with(&rig.simulator, settings, &rig.clock);
    for push_service in PushService::ALL {
        let outbound = worth(&rig, push_service, Duration::from_secs(1));
        assert_given_up_soon(&services, &outbound, "no_stream_in_time").await;
    }
}

#[tokio::test]
async fn a_push_waits_for_an_access_token_only_while_it_is_worth_sending() {
    let rig = Rig::start().await;
    rig.simulator.script(Rule::new(RuleTarget::TokenEndpoint, Effect::Silence));
    let outbound = worth(&rig, PushService::Fcm, Duration::from_secs(1));
    assert_given_up_soon(&rig.services, &outbound, "oauth_timed_out").await;
}

#[tokio::test]
async fn the_time_that_remains_is_counted_when_the_push_is_sent() {
    let rig = Rig::start().await;
    let late = Effect::Delay { millis: 500 };
    rig.simulator.script(Rule::new(RuleTarget::TokenEndpoint, late));

    let outcome =
        push_while_a_minute_passes(&rig, &worth(&rig, PushService::Fcm, Duration::from_hours(1))).await;

    assert_eq!(outcome, AttemptOutcome::Accepted);
    let sent = rig.simulator.records().pop().unwrap();
    let body: serde_json::Value = serde_json::from_str(&sent.body).unwrap();
    assert_eq!(body["message"]["android"]["ttl"], "3540s");
}

#[tokio::test]
async fn a_push_that_is_refused_or_waits_for_a_token_until_its_end_is_not_sent_after_it() {
    for (push_service, target, refusal) in [
        (PushService::Apns, RuleTarget::Apns, Effect::apns(403, "ExpiredProviderToken")),
        (PushService::Fcm, RuleTarget::TokenEndpoint, Effect::Delay { millis: 0 }),
    ] {
        let rig = Rig::start().await;
        rig.simulator.script(Rule::new(target.clone(), Effect::Delay { millis: 500 }));
        rig.simulator.script(Rule::new(target, refusal));

        let outcome =
            push_while_a_minute_passes(&rig, &worth(&rig, push_service, Duration::from_mins(1))).await;

        let AttemptOutcome::NotProcessed { reason, .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!(reason.as_str(), "too_late");
        assert_eq!(rig.simulator.records().len(), 1, "{push_service}");
    }
}

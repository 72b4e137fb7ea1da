//! Many pushes at once.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use push_simulator::{Effect, Rule, RuleTarget, SimulatorConfig};
use sealpush::model::{AttemptOutcome, PushService};

use super::outbound::Outbound;
use super::rig::Rig;

const LIMIT: Duration = Duration::from_secs(20);

/// Pushes, and again for as long as the push service certainly did not take it.
async fn push_until_processed(rig: &Rig, outbound: &Outbound) -> AttemptOutcome {
    loop {
        match rig.push(outbound).await {
            AttemptOutcome::NotProcessed { .. } => {}
            outcome => return outcome,
        }
    }
}

#[tokio::test]
async fn a_thousand_pushes_at_once_are_all_accepted_once() {
    let rig = Rig::start().await;
    for push_service in PushService::ALL {
        let outbound = rig.outbound(push_service);
        let outcomes = join_all((0..1000).map(|_| rig.push(&outbound))).await;
        assert_eq!(outcomes, vec![AttemptOutcome::Accepted; 1000]);
        assert_eq!(rig.simulator.accepted(outbound.token()), 1000);
    }
    let figures = rig.services.pool_figures();
    assert!(figures.iter().all(|figure| figure.streams == 0 && (1..=4).contains(&figure.connections)));
}

#[tokio::test]
async fn further_connections_open_when_one_is_full_and_no_more_than_four() {
    let config = SimulatorConfig { max_concurrent_streams: 5, ..SimulatorConfig::default() };
    let rig = Rig::with(config, LIMIT).await;
    rig.simulator.script(Rule::new(RuleTarget::Apns, Effect::Delay { millis: 20 }));
    let outbound = rig.outbound(PushService::Apns);
    let outcomes = join_all((0..200).map(|_| rig.push(&outbound))).await;
    assert_eq!(outcomes, vec![AttemptOutcome::Accepted; 200]);
    assert!((2..=4).contains(&rig.connections()), "{} connections", rig.connections());
}

#[tokio::test]
async fn the_first_request_on_a_connection_goes_alone() {
    let rig = Rig::start().await;
    rig.simulator.script(Rule::new(RuleTarget::Apns, Effect::Delay { millis: 100 }).times(1));
    let outbound = rig.outbound(PushService::Apns);
    let outcomes = join_all((0..50).map(|_| rig.push(&outbound))).await;
    assert_eq!(outcomes, vec![AttemptOutcome::Accepted; 50]);
    assert_eq!(rig.connections(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn goaway_under_load_loses_nothing_and_doubles_nothing() {
    let rig =
        Rig::with(SimulatorConfig { max_concurrent_streams: 50, ..SimulatorConfig::default() }, LIMIT).await;
    for push_service in PushService::ALL {
        let outbound = rig.outbound(push_service);
        rig.push(&outbound).await;
        rig.simulator.clear_records();
        let answered = AtomicUsize::new(0);
        let outcomes = join_all((0..2000).map(async |_| {
            let outcome = push_until_processed(&rig, &outbound).await;
            if answered.fetch_add(1, Ordering::SeqCst) % 300 == 299 {
                rig.simulator.goaway_all();
            }
            outcome
        }))
        .await;
        let kinds: HashSet<_> = outcomes.iter().map(|outcome| format!("{outcome:?}")).collect();
        assert_eq!(kinds, HashSet::from(["Accepted".to_owned()]));
        assert_eq!(rig.simulator.accepted(outbound.token()), 2001);
        assert!(rig.connections() >= 3, "{} connections", rig.connections());
    }
}

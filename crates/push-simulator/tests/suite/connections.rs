//! Stream limits, goodbyes and the end of connections.

use push_simulator::{Effect, Environment, Rule, RuleTarget, SimulatorConfig};

use crate::support::client::{Client, tls};
use crate::support::stage::{Stage, refused};
use crate::support::tap::{Seen, tapped};

/// A stage whose client's frames are seen.
async fn tapped_stage(config: SimulatorConfig) -> (Stage, Seen, tokio::task::JoinHandle<hyper::Result<()>>) {
    let mut stage = Stage::new(Environment::Production, config).await;
    let url = stage.simulator.apns(Environment::Production).url();
    let (client, seen, connection) = tapped(url, stage.simulator.ca_pem()).await;
    stage.client = client;
    (stage, seen, connection)
}

#[tokio::test]
async fn one_stream_alone_is_allowed_until_the_first_success() {
    let (stage, seen, _connection) = tapped_stage(SimulatorConfig::default()).await;

    let nonsense = stage.push().with("apns-priority", "nonsense");
    assert_eq!(stage.refusal(&nonsense).await, refused(400, "BadPriority"));
    assert_eq!(stage.refusal(&nonsense).await, refused(400, "BadPriority"));
    assert_eq!(seen.stream_limits(), [1]);
    // The new limit follows the answer to the first success, and so comes before the answer to the second.
    assert_eq!(stage.send(&stage.push()).await.status, 200);
    assert_eq!(stage.send(&stage.push()).await.status, 200);
    assert_eq!(seen.stream_limits(), [1, 1000]);
}

#[tokio::test]
async fn the_limit_of_streams_can_be_chosen() {
    let config = SimulatorConfig {
        max_concurrent_streams: 7,
        one_stream_until_first_success: false,
        ..SimulatorConfig::default()
    };
    let (stage, seen, _connection) = tapped_stage(config).await;
    assert_eq!(stage.send(&stage.push()).await.status, 200);
    assert_eq!(stage.send(&stage.push()).await.status, 200);
    assert_eq!(seen.stream_limits(), [7]);
}

#[tokio::test]
async fn many_streams_run_side_by_side_after_the_first_success() {
    let stage = Stage::production().await;
    assert_eq!(stage.send(&stage.push()).await.status, 200);
    let push = stage.push();

    let answers = futures_util::future::join_all((0..200).map(|_| stage.send(&push))).await;

    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(stage.simulator.inbox(&stage.token).len(), 201);
}

#[tokio::test]
async fn a_goodbye_names_its_reason_and_the_last_stream_and_ends_the_connection() {
    let (stage, seen, connection) = tapped_stage(SimulatorConfig::default()).await;
    assert_eq!(stage.send(&stage.push()).await.status, 200);

    stage.simulator.goaway_all();

    // A client that has nothing left to wait for closes; the simulator closes after a second at the latest.
    let _either_way = connection.await.unwrap();
    assert_eq!(seen.goodbyes(), [(1, r#"{"reason":"Shutdown"}"#.to_owned())]);
    assert!(stage.client.send(stage.push().request()).await.is_err());
}

#[tokio::test]
async fn a_goodbye_behind_an_answer_ends_the_connection_after_it() {
    let (stage, seen, connection) = tapped_stage(SimulatorConfig::default()).await;
    let goodbye = Effect::GoAway { reason: Some("IdleTimeout".to_owned()), answered: true };
    stage.simulator.script(Rule::new(RuleTarget::Apns, goodbye).times(1));

    assert_eq!(stage.send(&stage.push()).await.status, 200);

    let _either_way = connection.await.unwrap();
    assert_eq!(seen.goodbyes(), [(1, r#"{"reason":"IdleTimeout"}"#.to_owned())]);
}

#[tokio::test]
async fn a_goodbye_instead_of_an_answer_leaves_the_stream_out() {
    let (stage, seen, connection) = tapped_stage(SimulatorConfig::default()).await;
    assert_eq!(stage.send(&stage.push()).await.status, 200);
    let goodbye = Effect::GoAway { reason: None, answered: false };
    stage.simulator.script(Rule::new(RuleTarget::Apns, goodbye).times(1));

    assert!(stage.client.send(stage.push().request()).await.is_err());

    let _either_way = connection.await.unwrap();
    assert_eq!(seen.goodbyes(), [(1, String::new())]);
    assert_eq!((stage.simulator.records().len(), stage.simulator.inbox(&stage.token).len()), (1, 1));
}

#[tokio::test]
async fn apns_speaks_nothing_but_http_2() {
    let stage = Stage::production().await;
    let url = stage.simulator.apns(Environment::Production).url();
    assert!(tls(url, stage.simulator.ca_pem(), &[b"http/1.1"]).await.is_err());
}

#[tokio::test]
async fn a_shutdown_closes_everything() {
    let (stage, _seen, connection) = tapped_stage(SimulatorConfig::default()).await;
    assert_eq!(stage.send(&stage.push()).await.status, 200);
    let url = stage.simulator.apns(Environment::Production).url().to_owned();
    let ca_pem = stage.simulator.ca_pem().to_owned();

    stage.simulator.shutdown().await;

    let _either_way = connection.await.unwrap();
    assert!(tls(&url, &ca_pem, &[b"h2"]).await.is_err());
}

#[tokio::test]
async fn a_dropped_simulator_closes_everything_too() {
    let (stage, _seen, connection) = tapped_stage(SimulatorConfig::default()).await;
    let Stage { simulator, client, .. } = stage;
    drop(simulator);
    let _either_way = connection.await.unwrap();
    assert!(matches!(client, Client::Http2(sender) if sender.is_closed()));
}

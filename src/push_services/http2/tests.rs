//! The pool against a simulated push service, through a line that can go dead.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Version};
use push_simulator::{Effect, Environment, Rule, RuleTarget, Simulator, SimulatorConfig};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{Answer, Failure, Pool, Rules};
use crate::base::OsEntropy;
use crate::config::{LogFormat, LogLevel, Logs};
use crate::push_services::dialer::Dialer;
use crate::push_services::trust::{Alpn, TlsRoots};
use crate::telemetry::subscriber;

/// Long enough for a loaded machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// Silence after which a connection is doubted.
const MORE_THAN_A_MINUTE: Duration = Duration::from_secs(61);

/// A simulator behind a forwarder whose open connections can fall silent without closing.
struct DeadLine {
    simulator: Simulator,
    address: String,
    goes_dead: Arc<Notify>,
    _forwarder: JoinSet<()>,
}

impl DeadLine {
    async fn start() -> Self {
        let simulator = Simulator::start(SimulatorConfig::default()).await.unwrap();
        let behind = simulator.apns(Environment::Production).address();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("https://{}", listener.local_addr().unwrap());
        let goes_dead = Arc::new(Notify::new());
        let dead = Arc::clone(&goes_dead);
        let mut forwarder = JoinSet::new();
        forwarder.spawn(async move {
            let mut lines = JoinSet::new();
            while let Ok((mut near, _)) = listener.accept().await {
                let dead = Arc::clone(&dead);
                lines.spawn(async move {
                    let mut far = TcpStream::connect(behind).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut near, &mut far) => {}
                        () = dead.notified() => std::future::pending().await,
                    }
                });
            }
        });
        Self { simulator, address, goes_dead, _forwarder: forwarder }
    }

    fn pool(&self, rules: Rules) -> Pool {
        let roots = CertificateDer::pem_slice_iter(self.simulator.ca_pem().as_bytes()).map(Result::unwrap);
        let tls = TlsRoots::Only(roots.collect()).client_config(Alpn::H2).unwrap();
        let dialer = Dialer::new(tls, PATIENCE);
        Pool::new(self.address.parse().unwrap(), dialer, rules, Arc::new(OsEntropy))
    }

    fn connections(&self) -> usize {
        let records = self.simulator.records();
        records.iter().map(|record| record.connection).collect::<std::collections::HashSet<_>>().len()
    }
}

async fn exchange(pool: &Pool, patience: Duration) -> Result<Answer, Failure> {
    let deadline = Instant::now() + patience;
    let slot = pool.slot(deadline).await?;
    let mut request = Request::new(());
    *request.method_mut() = Method::POST;
    *request.version_mut() = Version::HTTP_2;
    *request.uri_mut() = format!("{}/3/device/00", pool.endpoint()).parse().unwrap();
    let answer = slot.exchange(request, Bytes::from_static(b"{}"), deadline).await?;
    slot.prove();
    Ok(answer)
}

#[tokio::test]
async fn a_doubted_connection_that_answers_a_ping_is_used_again() {
    let line = DeadLine::start().await;
    let pool = line.pool(Rules::default());
    for _ in 0..3 {
        assert!(exchange(&pool, PATIENCE).await.is_ok());
        pool.age(MORE_THAN_A_MINUTE);
    }
    assert_eq!((line.connections(), line.simulator.records().len()), (1, 3));
}

#[tokio::test]
async fn a_doubted_connection_that_stays_silent_is_replaced_before_anything_is_sent_on_it() {
    let line = DeadLine::start().await;
    let pool = line.pool(Rules { ping_limit: Duration::from_millis(100), ..Rules::default() });
    exchange(&pool, PATIENCE).await.unwrap();
    line.goes_dead.notify_waiters();
    pool.age(MORE_THAN_A_MINUTE);
    assert!(exchange(&pool, PATIENCE).await.is_ok());
    assert_eq!((line.connections(), line.simulator.records().len()), (2, 2));
}

#[tokio::test]
async fn a_connection_that_goes_silent_with_a_request_on_it_is_found_out_by_a_ping() {
    let line = DeadLine::start().await;
    let short = Duration::from_millis(100);
    let pool = line.pool(Rules { busy_ping: short, ping_limit: short, ..Rules::default() });
    exchange(&pool, PATIENCE).await.unwrap();
    line.goes_dead.notify_waiters();
    let begun = Instant::now();
    let Err(Failure::AnswerLost(reason)) = exchange(&pool, PATIENCE).await else { unreachable!() };
    assert_eq!(reason.as_str(), "connection_broken");
    assert!(begun.elapsed() < PATIENCE);
}

#[tokio::test]
async fn a_request_without_answer_puts_its_connection_in_doubt() {
    let line = DeadLine::start().await;
    let pool = line.pool(Rules { ping_limit: Duration::from_millis(100), ..Rules::default() });
    exchange(&pool, PATIENCE).await.unwrap();
    line.goes_dead.notify_waiters();
    let lost = exchange(&pool, Duration::from_millis(200)).await;
    assert!(matches!(lost, Err(Failure::Silence(_))), "{lost:?}");
    assert!(exchange(&pool, PATIENCE).await.is_ok());
    assert_eq!(line.connections(), 2);
}

#[tokio::test]
async fn an_idle_connection_says_goodbye_when_its_time_is_over() {
    let line = DeadLine::start().await;
    let pool = line.pool(Rules { idle_limit: Duration::from_millis(50), ..Rules::default() });
    exchange(&pool, PATIENCE).await.unwrap();
    while pool.in_use().0 > 0 {
        tokio::task::yield_now().await;
    }
    assert!(exchange(&pool, PATIENCE).await.is_ok());
    assert_eq!(line.connections(), 2);
}

/// Log lines, for a test to read.
#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_reason_of_a_goodbye_is_logged_by_name() {
    let captured = Captured::default();
    let writer = captured.clone();
    let logs = Logs { format: LogFormat::Human, level: LogLevel::Info, access: false };
    let _guard = tracing::subscriber::set_default(subscriber(logs, move || writer.clone(), false));
    let line = DeadLine::start().await;
    let pool = line.pool(Rules::default());
    let goodbye = Effect::GoAway { reason: Some("Shutdown".to_owned()), answered: true };
    line.simulator.script(Rule::new(RuleTarget::Everything, goodbye).times(1));
    let _ = exchange(&pool, PATIENCE).await;
    while pool.in_use().0 > 0 {
        tokio::task::yield_now().await;
    }
    // The driver logs after it has let go of the connection.
    let logged = || String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    let begun = Instant::now();
    while logged().is_empty() && begun.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(logged().contains("ended a connection") && logged().contains("Shutdown"), "{}", logged());
}

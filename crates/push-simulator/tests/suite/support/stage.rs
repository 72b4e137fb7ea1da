//! A simulator with one app on one phone, a clock that stands where the test puts it, and a client.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use push_simulator::{Clock, Environment, Simulator, SimulatorConfig};

use super::apns_push::ApnsPush;
use super::client::{Answer, Client};
use super::signing;

pub(crate) const TOPIC: &str = "com.example.chat";
/// Where the clock stands at first: unix seconds.
pub(crate) const START: u64 = 1_800_000_000;

/// Everything that a test about APNs needs.
pub(crate) struct Stage {
    pub(crate) simulator: Simulator,
    pub(crate) client: Client,
    pub(crate) token: String,
    now_seconds: Arc<AtomicU64>,
    made: Mutex<(u64, String)>,
}

impl Stage {
    pub(crate) async fn production() -> Self {
        Self::new(Environment::Production, SimulatorConfig::default()).await
    }

    pub(crate) async fn new(environment: Environment, config: SimulatorConfig) -> Self {
        let now_seconds = Arc::new(AtomicU64::new(START));
        let now = Arc::clone(&now_seconds);
        let clock = Clock::from_fn(move || now.load(Ordering::Relaxed) * 1000);
        let simulator = Simulator::start(SimulatorConfig { clock, ..config }).await.unwrap();
        let client = Client::http2(simulator.apns(environment).url(), simulator.ca_pem()).await;
        let token = simulator.apns_device(TOPIC, environment);
        Self { simulator, client, token, now_seconds, made: Mutex::default() }
    }

    /// Puts the clock forward.
    pub(crate) fn pass(&self, seconds: u64) {
        self.now_seconds.fetch_add(seconds, Ordering::Relaxed);
    }

    /// A provider token of the first team, made at this second; always the same one within it, because no two
    /// signatures are alike and Apple counts a new token as an update.
    pub(crate) fn provider_token(&self) -> String {
        let now = self.now_seconds.load(Ordering::Relaxed);
        let mut made = self.made.lock().unwrap();
        if made.0 != now {
            *made = (now, signing::provider_token(self.simulator.apns_team(), now));
        }
        made.1.clone()
    }

    /// A good push to the phone.
    pub(crate) fn push(&self) -> ApnsPush {
        ApnsPush::alert(&self.token, TOPIC, &self.provider_token())
    }

    pub(crate) async fn send(&self, push: &ApnsPush) -> Answer {
        self.client.send(push.request()).await.unwrap()
    }

    /// Sends, and says status and reason; the reason of a success is empty.
    pub(crate) async fn refusal(&self, push: &ApnsPush) -> (u16, String) {
        let answer = self.send(push).await;
        let reason = if answer.body.is_empty() {
            String::new()
        } else {
            answer.json()["reason"].as_str().unwrap().into()
        };
        (answer.status, reason)
    }

    /// Another connection to the same host.
    pub(crate) async fn reconnect(&mut self, environment: Environment) {
        self.client = Client::http2(self.simulator.apns(environment).url(), self.simulator.ca_pem()).await;
    }
}

/// What [`Stage::refusal`] says of a success.
pub(crate) fn success() -> (u16, String) {
    (200, String::new())
}

/// What [`Stage::refusal`] says of a refusal.
pub(crate) fn refused(status: u16, reason: &str) -> (u16, String) {
    (status, reason.to_owned())
}

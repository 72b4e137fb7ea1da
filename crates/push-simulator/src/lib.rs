//! APNs and FCM on your own machine, as Apple's and Google's documents describe them.
//!
//! A [`Simulator`] listens on ports of its own choice: two APNs hosts (production and sandbox), the FCM send
//! API and Google's OAuth token endpoint, each with TLS from a CA made at the start. It refuses whatever the
//! real services refuse, with their statuses and reasons; keeps what each simulated phone got; records every
//! request; and answers or breaks otherwise where a [`Rule`] says so.
//!
//! ```
//! # use push_simulator::{Environment, Simulator, SimulatorConfig};
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let simulator = Simulator::start(SimulatorConfig::default()).await?;
//! let token = simulator.apns_device("com.example.chat", Environment::Production);
//! let url = format!("{}/3/device/{token}", simulator.apns(Environment::Production).url());
//! // … push to `url` with a provider token of `simulator.apns_team()`, trusting `simulator.ca_pem()` …
//! assert!(simulator.inbox(&token).is_empty());
//! simulator.shutdown().await;
//! # Ok::<(), push_simulator::StartError>(()) }).unwrap();
//! ```
//!
//! # Map of the crate
//! A request comes in at `wire` (sockets, TLS, HTTP), goes through `exchange` (script, judgement, delivery,
//! record) to one of the twins `apns` and `fcm` (the vendors' rules, pure but for their registers), and back.
//! `simulator` and `control` are the two ways to steer: in process, and over HTTP.

mod apns;
mod broken_connection;
mod certificates;
mod clock;
mod config;
mod control;
mod devices;
mod endpoint;
mod environment;
mod exchange;
mod fcm;
mod host;
mod journal;
mod jwt;
mod peer;
mod push;
mod quotas;
mod random;
mod record;
mod rule;
mod script;
mod simulator;
mod start_error;
mod wire;
mod world;

pub use crate::apns::refusals::APNS_REFUSALS;
pub use crate::apns::team::{ApnsKeyScope, ApnsTeam};
pub use crate::broken_connection::BrokenConnection;
pub use crate::clock::Clock;
pub use crate::config::SimulatorConfig;
pub use crate::endpoint::Endpoint;
pub use crate::environment::Environment;
pub use crate::fcm::failure::FcmFailure;
pub use crate::fcm::oauth_failure::OauthFailure;
pub use crate::host::Host;
pub use crate::push::Push;
pub use crate::quotas::FcmQuotas;
pub use crate::record::{Record, RecordedAnswer};
pub use crate::rule::{Effect, Rule, RuleTarget};
pub use crate::simulator::Simulator;
pub use crate::start_error::StartError;

//! The command line as a client of relays: a sender's calls, an app's calls, and the connection under both.
//!
//! Owns one exchange over HTTP/1.1 or HTTP/2 and the shapes of the protocol as a client sees them. **No type of
//! an answer has a member for a key**: keys never come from the relay, so there is nothing that could be
//! believed by mistake. Must not seal, print or read files. Read next: `sender_client.rs`.

mod app_client;
mod connect;
mod error;
mod exchange;
mod hop;
mod http_client;
mod own_sender_client;
mod problem;
mod sender_client;
mod simulator_client;
mod trust;

pub(crate) use app_client::{AppClient, Registered, RegistrationRequest, SubscriptionRequest};
pub(crate) use error::{ClientError, TryAgain};
pub(crate) use exchange::{Answer, Exchange};
pub(crate) use hop::Hop;
pub(crate) use http_client::HttpClient;
pub(crate) use own_sender_client::{
    ChangeRequest, CredentialAnswer, CredentialRequest, JoinRequest, OwnSenderAnswer, OwnSenderClient,
};
pub(crate) use sender_client::{OutcomesAnswer, SenderClient, TargetAnswer};
pub(crate) use simulator_client::SimulatorClient;
pub(crate) use trust::Trust;

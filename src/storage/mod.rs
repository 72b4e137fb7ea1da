//! The only SQL: narrow traits, one per aggregate, and the engines behind them.
//!
//! One method is one transaction with one intention. No transaction leaves this module, and none is open
//! while a push service is waited for. SQLite is embedded; `sqlite/` has one file per trait, and every
//! further engine has the same files. Must not know HTTP, policy or push services; readable content and
//! device tokens pass only through `privacy::at_rest`. Read next: `sqlite/mod.rs`.

mod act;
mod admission;
mod audit;
mod confirmations;
mod consent;
mod credentials;
mod error;
mod feedback;
mod held;
mod operator_tokens;
mod outbox;
mod outcome_log;
mod registrations;
mod rekey;
mod retention;
mod senders;
mod sharing;
pub mod sqlite;
mod usage_recorder;

use std::sync::Arc;

use crate::privacy::Pseudonyms;

pub use act::ActError;
pub use admission::{Admission, Joined, Joining, NewInvite, ShownInvite};
pub use audit::Audit;
pub use confirmations::{Confirmations, Echo, Echoed, Issued, IssuedCode};
pub use consent::{Consent, Recorded, ServerSoftware, Volume};
pub use credentials::{AddedCredential, Credentials, NewCredential, RemovedCredential};
pub use error::StorageError;
pub use feedback::Feedback;
pub use held::HeldRows;
pub use operator_tokens::OperatorTokens;
pub use outbox::{
    CallOff, DeadToken, Enqueued, Finished, Known, Lane, LaneShare, Load, Outbox, Promise, Settled,
    SettledBatch, Waiting, WaitingGroup,
};
pub use registrations::{
    Digest, Found, NewSubscription, Registered, Registrations, Removed, Replaced, SealedRegistered, SetKey,
    Subscribed, Used,
};
pub use rekey::{Begun, KeysInUse, Rekey, RekeyProgress};
pub use retention::{Retention, Walked};
pub use senders::Senders;
pub use sharing::{PresentUsage, Shared, Sharing};
pub use usage_recorder::{EndedDelivery, LEAST_DEVICES, UsageRecorder};

/// The store, as its narrow traits: each use case is handed only those that it needs.
#[derive(Clone)]
pub struct Storage {
    /// Senders.
    pub senders: Arc<dyn Senders>,
    /// Senders' credentials.
    pub credentials: Arc<dyn Credentials>,
    /// Invites, and how servers join.
    pub admission: Arc<dyn Admission>,
    /// Registrations and subscriptions.
    pub registrations: Arc<dyn Registrations>,
    /// Proofs that a device token belongs to the device that registers it.
    pub confirmations: Arc<dyn Confirmations>,
    /// What was promised and is not decided, and how it ended.
    pub outbox: Arc<dyn Outbox>,
    /// What senders are told of subscriptions that ended.
    pub feedback: Arc<dyn Feedback>,
    /// What senders share of their usage.
    pub sharing: Arc<dyn Sharing>,
    /// What is held about a sender, or on a registration.
    pub held: Arc<dyn HeldRows>,
    /// Ends of what nobody uses.
    pub retention: Arc<dyn Retention>,
    /// Rotation of the storage key.
    pub rekey: Arc<dyn Rekey>,
    /// The keyed hashes of this database, which outlive the storage key that they came from.
    pub pseudonyms: Arc<Pseudonyms>,
    /// The audit log.
    pub audit: Arc<dyn Audit>,
    /// Operators' tokens.
    pub operator_tokens: Arc<dyn OperatorTokens>,
}

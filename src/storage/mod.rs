//! The only SQL: narrow traits, one per aggregate, and the engines behind them.
//!
//! One method is one transaction with one intention. No transaction leaves this module, and none is open
//! while a push service is waited for. SQLite is embedded; `sqlite/` has one file per trait, and every
//! further engine has the same files. Must not know HTTP, policy or push services; readable content and
//! device tokens pass only through `privacy::at_rest`. Read next: `sqlite/mod.rs`.

mod audit;
mod audit_chain;
mod confirmations;
mod error;
mod outbox;
mod outcome_log;
mod registrations;
mod retention;
mod senders;
pub mod sqlite;

use std::sync::Arc;

pub use audit::{Audit, AuditRecord};
pub use confirmations::{Confirmations, Echo, Echoed, Issued};
pub use error::StorageError;
pub use outbox::{Enqueued, Finished, Known, Outbox, Promise, Settled, Waiting};
pub use registrations::{
    Digest, Found, NewSubscription, Registered, Registrations, Removed, Replaced, SealedRegistered, SetKey,
    Subscribed, Used,
};
pub use retention::{Retention, Walked};
pub use senders::{NewCredential, Senders};

/// The store, as its narrow traits: each use case is handed only those that it needs.
#[derive(Clone)]
pub struct Storage {
    /// Senders and their credentials.
    pub senders: Arc<dyn Senders>,
    /// Registrations and subscriptions.
    pub registrations: Arc<dyn Registrations>,
    /// Proofs that a device token belongs to the device that registers it.
    pub confirmations: Arc<dyn Confirmations>,
    /// What was promised and is not decided, and how it ended.
    pub outbox: Arc<dyn Outbox>,
    /// Ends of what nobody uses.
    pub retention: Arc<dyn Retention>,
    /// The audit log.
    pub audit: Arc<dyn Audit>,
}

//! The administrative routes, for the operator's Unix socket alone: they ask for no credential.
//!
//! Whoever can open the socket (mode 0600) may do what the operator may. Translates requests into functions
//! of [`crate::operator`] and their results back; the command line reads the same documents. Must not hold
//! rules. Read next: `routes.rs`.

use std::time::Duration;

mod apps;
mod audit;
mod error;
mod limits;
mod reload;
mod routes;
mod senders;

pub use apps::{AppDocument, AppList, ReleaseDocument};
pub use audit::{AuditEntryDocument, AuditList, AuditNote, AuditVerdictDocument};
pub use limits::{LimitedSenderDocument, LimitedSenderList};
pub use reload::ReloadedDocument;
pub use routes::{admin_routes, limit_routes};
pub use senders::{NewSenderDocument, NewSenderRequest, SenderDocument, SenderList};

/// How long a body may take to arrive from the same machine.
const REQUEST: Duration = Duration::from_secs(30);

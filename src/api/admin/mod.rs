//! The administrative routes, for the operator's listeners.
//!
//! Whoever can open the Unix socket (mode 0600) may do what the operator may; over TCP, an operator's token says so.
//! Translates requests into functions
//! of [`crate::operator`] and their results back; the command line reads the same documents. Must not hold
//! rules. Read next: `routes.rs`.

use std::time::Duration;

mod apps;
mod audit;
mod error;
mod gate;
mod invites;
mod keys;
mod limits;
mod outbox;
mod reload;
mod routes;
mod senders;
mod tokens;
mod usage;

pub use apps::{AppDocument, AppList, ReleaseDocument};
pub use audit::{
    AuditEntryDocument, AuditList, AuditMarkDocument, AuditNote, AuditVerdictDocument, audit_hash,
};
pub use gate::{Gate, by_token};
pub use invites::{InviteDocument, InviteList, NewInviteDocument, NewInviteList, NewInvitesRequest};
pub use keys::{KeyDocument, KeyList, RotationDocument};
pub use limits::{LimitedSenderDocument, LimitedSenderList};
pub use outbox::{AgesDocument, OutboxDocument, WaitingDocument};
pub use reload::ReloadedDocument;
pub use routes::{admin_routes, admin_routes_by_token, key_routes, key_routes_by_token, limit_routes};
pub use senders::{NewCredentialDocument, NewSenderDocument, NewSenderRequest, SenderDocument, SenderList};
pub use tokens::{NewTokenDocument, NewTokenRequest, TokenDocument, TokenList};
pub use usage::{SenderUsageDocument, UsageList};

use crate::model::Lifetime;
use crate::web::Problem;

/// How long a body may take to arrive from the same machine.
const REQUEST: Duration = Duration::from_secs(30);

/// The lifetime that a request asks for, in seconds.
fn lifetime(seconds: Option<u64>) -> Result<Option<Lifetime>, Problem> {
    let lifetime = seconds.map(Lifetime::from_seconds).transpose();
    lifetime.map_err(|error| Problem::invalid("invalid_lifetime", "/expires_in", format!("{error}.")))
}

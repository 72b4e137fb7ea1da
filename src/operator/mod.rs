//! One function per administrative action, shared by the command line and the operator's listeners.
//!
//! Owns what the operator may do and what the audit log says of it: every change is written together with its
//! audit entry, in one transaction. Must not know HTTP, SQL or the terminal. Read next: [`crate::api`].

mod add_sender;
mod audit_heads;
mod audit_log;
mod authenticate;
mod change_sender;
pub mod checks;
mod clock_jump;
mod invites;
mod keys;
mod list_senders;
mod outbox;
pub mod papers;
mod policies;
mod release_app;
mod reload;
mod retention_terms;
mod sender_credential;
mod shared_usage;
mod sweep;
mod tokens;

use std::sync::Arc;

use crate::base::{Clock, Entropy, Live};
use crate::model::{Actor, App, Apps, AuditEntry};
use crate::push_services::PushServices;
use crate::storage::{Admission, Audit, Credentials, OperatorTokens, Outbox, Senders, Sharing, Storage};

pub use crate::storage::ActError;
pub use add_sender::{AddSenderError, AddedSender};
pub use audit_heads::{AuditHeads, DayHead};
pub use audit_log::{AuditError, AuditPage};
pub use authenticate::OperatorAuthError;
pub use change_sender::ChangeSenderError;
pub use invites::{InviteError, InvitePage, MOST_INVITES, NewInviteCode};
pub use keys::{Keys, KeysError, KeysShown};
pub use list_senders::{ListSendersError, SenderPage};
pub use outbox::{OutboxError, WaitingFor, WaitsFor};
pub use policies::NotedPolicy;
pub use release_app::ReleaseAppError;
pub use reload::{Reload, ReloadConfigError, ReloadRefused, Reloaded};
pub use retention_terms::{RetentionTerm, retention_terms};
pub use sender_credential::{AddSenderCredentialError, NewSenderCredential};
pub use shared_usage::{SharedUsageError, UsagePage};
pub use sweep::{Sweeper, Swept};
pub use tokens::{NewOperatorToken, OperatorTokenError, OperatorTokenPage};

/// The most entries of one page of a list.
pub const PAGE: u32 = 100;

/// What the administrative actions need.
pub struct Operator {
    apps: Live<Apps>,
    reload: Option<Arc<dyn Reload>>,
    senders: Arc<dyn Senders>,
    outbox: Arc<dyn Outbox>,
    credentials: Arc<dyn Credentials>,
    admission: Arc<dyn Admission>,
    tokens: Arc<dyn OperatorTokens>,
    sharing: Arc<dyn Sharing>,
    audit: Arc<dyn Audit>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    push_services: Option<Arc<PushServices>>,
}

impl Operator {
    /// Acts on this store; `apps` are those of the config.
    #[must_use]
    pub fn new(apps: Live<Apps>, store: &Storage, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            apps,
            reload: None,
            senders: Arc::clone(&store.senders),
            outbox: Arc::clone(&store.outbox),
            credentials: Arc::clone(&store.credentials),
            admission: Arc::clone(&store.admission),
            tokens: Arc::clone(&store.operator_tokens),
            sharing: Arc::clone(&store.sharing),
            audit: Arc::clone(&store.audit),
            clock,
            entropy,
            push_services: None,
        }
    }

    /// The same beside a running relay, whose ways to push services it may open again.
    #[must_use]
    pub fn beside(self, push_services: Arc<PushServices>) -> Self {
        Self { push_services: Some(push_services), ..self }
    }

    /// Acts on a running relay, which can take a changed config over.
    #[must_use]
    pub fn of_running(mut self, reload: Arc<dyn Reload>) -> Self {
        self.reload = Some(reload);
        self
    }

    /// The apps of the config, in the order of their ids. They live there, never in the store.
    #[must_use]
    pub fn apps(&self) -> Vec<App> {
        let mut apps: Vec<App> = self.apps.get().iter().cloned().collect();
        apps.sort_by(|one, other| one.id.as_str().cmp(other.id.as_str()));
        apps
    }

    /// An entry for what `actor` does now.
    fn entry(
        &self,
        actor: Actor,
        action: &'static str,
        subject: impl std::fmt::Display,
        detail: String,
    ) -> AuditEntry {
        AuditEntry { at: self.clock.now(), actor, action, subject: subject.to_string(), detail }
    }
}

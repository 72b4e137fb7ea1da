//! Door 1: our own protocol, version 1. One route table, one resource per file.
//!
//! Translates requests into use cases of intake, and their results back. Must not hold rules, SQL, or anything
//! of a push service. Read next: `routes.rs`, then `notifications.rs`.

pub mod admin;
mod bodies;
mod docs;
mod error;
mod feedback;
mod fields;
mod held;
mod notification_request;
mod notifications;
mod openapi;
mod privacy;
mod rate_limiting;
mod receipt;
mod registration_code;
mod registrations;
mod relay;
mod routes;
mod sender_credentials;
mod senders;
mod sharing;
mod sharing_error;
mod subscriptions;
mod usage;

use std::sync::Arc;
use std::time::Duration;

use crate::base::{Clock, Live};
use crate::intake::{
    Authenticate, Feedback, HeldAbout, Join, Outcomes, OwnSender, Prove, RateLimits, Register,
    RegisterSealed, SenderCredentials, Sharing, Submit, Subscribe, Withdraw,
};
use crate::privacy::RegistrationKeys;
use crate::telemetry::Metrics;

pub use bodies::Bodies;
pub use privacy::{
    AuditHeadDocument, InventoryEntry, NotHiddenDocument, PrivacyApp, PrivacyDocument, PrivacyPage,
    PrivacySettings, RetentionTermDocument, ShownPrivacy, privacy_markdown, privacy_page,
};
pub use receipt::ReceiptDocument;
pub use relay::{RegistrationKeyDocument, RelayApp, RelayDocument, RelayLimits};
pub use routes::{openapi, routes};
pub use sharing::{
    AgreeContactRequest, AgreeRequest, CategoryDocument, PreviewDocument, SharingDocument, SharingRequest,
    SharingState, WordingDocument,
};
pub use usage::{DevicesDocument, SoftwareDocument, UsageDocument, UsageFormat, VolumeDocument};

/// What the routes need: the use cases, and what the relay says of itself.
pub struct Api {
    /// Who asks.
    pub authenticate: Authenticate,
    /// Servers that become senders.
    pub join: Join,
    /// What a sender does with itself.
    pub own_sender: OwnSender,
    /// What is held about whoever asks.
    pub held: HeldAbout,
    /// Senders' own credentials.
    pub sender_credentials: SenderCredentials,
    /// What senders share of their usage.
    pub sharing: Sharing,
    /// Device tokens.
    pub register: Register,
    /// Proofs that a device token belongs to the device that registers it.
    pub prove: Arc<Prove>,
    /// Registrations that only the relay opens.
    pub register_sealed: RegisterSealed,
    /// The keys that they are sealed to.
    pub registration_keys: Arc<RegistrationKeys>,
    /// Now, for what is shown.
    pub clock: Arc<dyn Clock>,
    /// Subscriptions.
    pub subscribe: Subscribe,
    /// Notifications.
    pub submit: Arc<Submit>,
    /// Subscriptions that ended.
    pub feedback: Feedback,
    /// Outcomes.
    pub outcomes: Outcomes,
    /// Notifications that are withdrawn.
    pub withdraw: Withdraw,
    /// What `GET /v1/relay` says.
    pub relay: Live<RelayDocument>,
    /// What `GET /v1/privacy` says.
    pub privacy: ShownPrivacy,
    /// How large a request may be.
    pub limits: Live<ApiLimits>,
    /// How many bytes of bodies are held at the same time.
    pub bodies: Bodies,
    /// How often one may ask.
    pub rate_limits: Arc<RateLimits>,
    /// Where requests are counted.
    pub metrics: Arc<Metrics>,
}

/// How large a request may be.
#[derive(Debug, Clone, Copy)]
pub struct ApiLimits {
    /// Bytes of the body of `POST /v1/notifications`.
    pub notification_body: usize,
    /// Targets of one notification.
    pub targets: usize,
    /// How long a body may take to arrive.
    pub request: Duration,
}

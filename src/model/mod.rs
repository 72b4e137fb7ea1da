//! The nouns, with constructors that check. Whoever knows these knows the program:
//! Submission → [`Notification`] → [`Lease`] → [`OutboundPush`] → [`AttemptOutcome`] → [`Settlement`].
//!
//! Owns what a value may be. Must not do I/O, read the clock, or hold readable content: the
//! Submission, which does, belongs to [`crate::intake`]. Read next: [`crate::privacy`].

mod app;
mod apps;
mod attempt_outcome;
mod audit_entry;
mod client_network;
mod content_policy;
mod credential;
mod delivery;
mod delivery_options;
mod device_token;
mod id;
mod lease;
mod notification;
mod outbound_push;
mod outcome;
mod payload;
mod rate_limit;
mod reason;
mod registration;
mod sender;
mod settlement;
mod subscription;

pub use app::{App, AppId, AppIdError, Placeholder, PlaceholderError};
pub use apps::Apps;
pub use attempt_outcome::AttemptOutcome;
pub use audit_entry::{Actor, AuditEntry};
pub use client_network::ClientNetwork;
pub use content_policy::ContentPolicy;
pub use credential::{BearerToken, BearerTokenError, SecretHash, TokenKindPrefix};
pub use delivery::Delivery;
pub use delivery_options::{
    Badge, CollapseHash, CollapseKey, DeliveryOptions, Kind, OptionError, Reference, Sound, Ttl, Urgency,
};
pub use device_token::{DeviceToken, DeviceTokenError};
pub use id::{
    CredentialId, DeliveryId, Id, IdError, NotificationId, RegistrationId, SenderId, SubscriptionId,
};
pub use lease::{Lease, Ticket};
pub use notification::{Notification, NotificationState, TargetOutcome};
pub use outbound_push::OutboundPush;
pub use outcome::{Form, Outcome};
pub use payload::{ClearContent, Envelope, Payload};
pub use rate_limit::{Quota, QuotaError, Quotas, RateLimit};
pub use reason::Reason;
pub use registration::{Environment, PushService, Reach, Registration, TokenKind};
pub use sender::{Credential, Scope, Scopes, Sender, SenderName, SenderNameError, SenderState};
pub use settlement::{Effect, Settlement};
pub use subscription::{RelayKey, Subscription};

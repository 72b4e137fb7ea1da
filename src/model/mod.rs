//! The nouns, with constructors that check. Whoever knows these knows the program:
//! Submission → [`Notification`] → [`Lease`] → [`OutboundPush`] → [`AttemptOutcome`] → [`Settlement`].
//!
//! Owns what a value may be. Must not do I/O, read the clock, or hold readable content: the
//! Submission, which does, belongs to [`crate::intake`]. Read next: [`crate::privacy`].

mod admission_mode;
mod app;
mod apps;
mod attempt_outcome;
mod audit_chain;
mod audit_entry;
mod category;
mod client_network;
mod confirm;
mod contact_address;
mod content_policy;
mod credential;
mod delivery;
mod delivery_options;
mod device_token;
mod erased;
mod feedback;
mod held;
mod id;
mod invite;
mod lease;
mod lease_queue;
mod lifetime;
mod notification;
mod operator_token;
mod outbound_push;
mod outcome;
mod payload;
mod push_way;
mod rate_limit;
mod reason;
mod registration;
mod sender;
mod settlement;
mod sharing_mode;
mod software;
mod subscription;
mod under_way;
mod usage;

pub use admission_mode::AdmissionMode;
pub use app::{App, AppId, AppIdError, Placeholder, PlaceholderError};
pub use apps::Apps;
pub use attempt_outcome::AttemptOutcome;
pub use audit_chain::{AuditExtent, AuditMark, AuditRecord, AuditVerdict, AuditWalk};
pub use audit_entry::{AUDIT_ACTIONS, Actor, AuditEntry};
pub use category::{Categories, Category, Wording};
pub use client_network::ClientNetwork;
pub use confirm::{CodeHash, Confirm, ConfirmCode, ConfirmCodeError};
pub use contact_address::{ContactAddress, ContactAddressError};
pub use content_policy::ContentPolicy;
pub use credential::{BearerToken, BearerTokenError, SecretHash, TokenKindPrefix};
pub use delivery::Delivery;
pub use delivery_options::{
    Badge, CollapseHash, CollapseKey, DeliveryOptions, Kind, OptionError, Reference, Sound, Ttl, Urgency,
};
pub use device_token::{DeviceToken, DeviceTokenError};
pub use erased::Erased;
pub use feedback::{FeedbackCursor, FeedbackCursorError, FeedbackEntry, SubscriptionEnd};
pub use held::{Held, HeldCursor, HeldCursorError, HeldPage, HeldRow};
pub use id::{
    CredentialId, DeliveryId, Id, IdError, InviteId, NotificationId, OperatorTokenId, RegistrationId,
    SenderId, SubscriptionId,
};
pub use invite::Invite;
pub use lease::{Lease, Ticket};
pub use lease_queue::{LeaseQueue, Leases, QueueBounds, Room, lease_queue};
pub use lifetime::{Lifetime, LifetimeError};
pub use notification::{Notification, NotificationState, TargetOutcome};
pub use operator_token::{OperatorRole, OperatorToken};
pub use outbound_push::OutboundPush;
pub use outcome::{Form, Outcome};
pub use payload::{ClearContent, Envelope, Payload};
pub use push_way::PushWay;
pub use rate_limit::{Quota, QuotaError, Quotas, RateLimit};
pub use reason::Reason;
pub use registration::{Environment, PushService, Reach, Registration, TokenKind, UnknownName};
pub use sender::{
    Credential, Scope, Scopes, Sender, SenderChange, SenderCredential, SenderName, SenderNameError,
    SenderState,
};
pub use settlement::{Effect, Settlement};
pub use sharing_mode::SharingMode;
pub use software::Software;
pub use subscription::{RelayKey, Subscription};
pub use under_way::{Begun, CalledOff, DeliveryKey, Holding, UnderWay};
pub use usage::{Agreement, UsageRecords, VolumeCell, WantedCategory};

//! Use cases of the front doors: join, authenticate, register, subscribe, submit, ask for outcomes; and how often.
//!
//! Owns the rules of admission: who may do what, and which form each target's content takes. Must not know
//! HTTP (doors translate) nor SQL (the store's traits say what can be done). What is accepted goes to delivery
//! through the queue of leases or the outbox, and never otherwise. Read next: `submit.rs`.

mod admit;
mod answer;
mod authenticate;
mod call_offs;
mod codes_back;
mod connections;
mod feedback;
mod held;
mod join;
mod keeper;
mod new_secret;
mod outbox_bounds;
mod outcomes;
mod own_sender;
mod places;
mod polls;
mod prove;
mod rate_limits;
mod register;
mod register_sealed;
mod running;
mod sender_credentials;
mod sharing;
mod submission;
mod submit;
mod submit_error;
mod subscribe;
mod usage_writer;
mod wait;
mod withdraw;

pub use crate::storage::ActError;
pub use answer::Answer;
pub use authenticate::{Asker, Authenticate, AuthenticateError, AuthenticatedSender};
pub use codes_back::CodesBack;
pub use connections::{Connections, HeldConnection, TooManyConnections};
pub use feedback::{Feedback, FeedbackError};
pub use held::{HeldAbout, HeldError};
pub use join::{Join, JoinError, JoinRules, JoinedSender, NewSender};
pub use keeper::Keeper;
pub use new_secret::NewSecret;
pub use outbox_bounds::{Full, OutboxBounds};
pub use outcomes::{Outcomes, OutcomesError};
pub use own_sender::{OwnSender, OwnSenderError};
pub use prove::{Prove, ProveError, Standing};
pub use rate_limits::{LimitStanding, LimitedSender, RateLimited, RateLimits};
pub use register::{NewRegistration, Register, RegisterError, RegisteredAs, RegistrationCredential};
pub use register_sealed::{RegisterSealed, RegisterSealedError, SealedAs};
pub use sender_credentials::{AddedToSender, SenderCredentials, SenderCredentialsError, WantedCredential};
pub use sharing::{Preview, Sharing, SharingError, SharingRules};
pub use submission::{Submission, SubmittedContent, SubmittedTarget};
pub use submit::{Submit, SubmitLimits};
pub use submit_error::SubmitError;
pub use subscribe::{Subscribe, SubscribeError, SubscriptionOwner};
pub use usage_writer::UsageWriter;
pub use withdraw::{Withdraw, WithdrawError};

//! Use cases of the front doors: authenticate, register, subscribe, submit, ask for outcomes; and how often.
//!
//! Owns the rules of admission: who may do what, and which form each target's content takes. Must not know
//! HTTP (doors translate) nor SQL (the store's traits say what can be done). What is accepted goes to delivery
//! through the queue of leases or the outbox, and never otherwise. Read next: `submit.rs`.

mod admit;
mod authenticate;
mod keeper;
mod outcomes;
mod rate_limits;
mod register;
mod running;
mod submission;
mod submit;
mod subscribe;
mod wait;

pub use authenticate::{Authenticate, AuthenticateError, AuthenticatedSender};
pub use keeper::Keeper;
pub use outcomes::{Outcomes, OutcomesError};
pub use rate_limits::{LimitedSender, RateLimited, RateLimits, Standing};
pub use register::{NewRegistration, Register, RegisterError, RegisteredAs, RegistrationCredential};
pub use submission::{Submission, SubmittedContent, SubmittedTarget};
pub use submit::{Answer, Submit, SubmitError, SubmitLimits};
pub use subscribe::{Subscribe, SubscribeError, SubscriptionOwner};

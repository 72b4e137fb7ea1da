//! Leaves that know nothing of push: time, randomness, secrets, coalesced reads.
//!
//! Owns the small types that every rank above may take as arguments instead of reaching for the
//! system clock or an ad-hoc random generator. Must not import anything of this crate.
//! Read next: [`crate::model`].

mod backoff;
mod bells;
mod clock;
mod coalesce;
mod entropy;
mod live;
mod markdown;
mod secret;
mod to_the_end;
mod unix_millis;

pub use backoff::Backoff;
pub use bells::Bells;
pub use clock::{Clock, ManualClock, SystemClock};
pub use coalesce::Coalesced;
pub use entropy::{Entropy, EntropyRng, OsEntropy};
pub use live::Live;
pub use markdown::markdown_text;
pub use secret::Secret;
pub use to_the_end::to_the_end;
pub use unix_millis::{Day, TimeError, UnixMillis};

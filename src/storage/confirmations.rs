//! The narrow trait of the proof that a device token belongs to the device that registers it.

use std::time::Duration;

use async_trait::async_trait;

use super::StorageError;
use crate::base::UnixMillis;
use crate::model::{CodeHash, Registration, RegistrationId};

/// What came of asking for a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Issued {
    /// The code is the only one of the token that the registration has now, and may be sent to that token alone:
    /// whoever asked may have seen another.
    Done(Box<Registration>),
    /// The registration is confirmed already; nothing was written.
    Confirmed,
    /// This token got a code less than the pause ago, at this time; nothing was written.
    TooSoon(UnixMillis),
    /// There is no such registration.
    Missing,
}

/// A code, and the registration to whose token it was issued.
#[derive(Debug, Clone)]
pub struct IssuedCode {
    /// As it was then.
    pub to: Registration,
    /// The code.
    pub code: CodeHash,
}

/// What came of an echo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Echoed {
    /// The registration is confirmed, or was before.
    Done,
    /// It is another code than the one that was sent; so many tries are left.
    Wrong {
        /// Until no further echo of this registration counts for the last code.
        tries_left: u32,
    },
    /// No code is waited for: none was sent, it is too old, or the tries are used up.
    NoCode,
    /// There is no such registration.
    Missing,
}

/// An echo, and the rules that it is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Echo {
    /// Whose device echoes.
    pub registration: RegistrationId,
    /// What it echoes.
    pub code: CodeHash,
    /// When.
    pub at: UnixMillis,
    /// How long a code counts.
    pub valid: Duration,
    /// How many wrong echoes a registration has for each code.
    pub tries: u32,
}

/// Codes and their echoes.
#[async_trait]
pub trait Confirmations: Send + Sync {
    /// Makes `code` the code of this registration's token, unless the token got one less than `pause` ago, and says
    /// which token that is: it may have been replaced since the caller read the registration. Every registration that holds the token may echo it: the code proves the token, whoever asked for it. All of
    /// them have their tries anew.
    async fn issue_code(
        &self,
        registration: RegistrationId,
        code: CodeHash,
        at: UnixMillis,
        pause: Duration,
    ) -> Result<Issued, StorageError>;

    /// Takes codes back that never left the relay: their tokens may get others at once.
    async fn withdraw_codes(&self, codes: &[IssuedCode]) -> Result<(), StorageError>;

    /// Judges an echo. The right one confirms the registration, which also counts as registered now.
    async fn echo(&self, echo: &Echo) -> Result<Echoed, StorageError>;
}

//! Why an envelope did not open, as far as anybody may know.
//!
//! Owns the one place where the reasons become one; must not grow a variant for a check behind version and suite. Read
//! next: [`crate::DeviceKeys::open`].

use crate::EnvelopeError;

/// Why an envelope did not open. Version and suite are named; all else is one error, so that nobody learns from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The version is not 1; carries it.
    #[error("version {0} of the envelope is not supported: version 1 is")]
    UnsupportedVersion(u8),
    /// The suite is not 1; carries it.
    #[error("suite {0} of the envelope is not supported: suite 1 is")]
    UnsupportedSuite(u8),
    /// Anything else: not for these keys, changed on the way, not signed by the server, too old, seen before.
    #[error("opening failed")]
    OpeningFailed,
}

impl From<EnvelopeError> for OpenError {
    fn from(error: EnvelopeError) -> Self {
        match error {
            EnvelopeError::UnsupportedVersion(version) => Self::UnsupportedVersion(version),
            EnvelopeError::UnsupportedSuite(suite) => Self::UnsupportedSuite(suite),
            EnvelopeError::Encoding(_) | EnvelopeError::Size(_) => Self::OpeningFailed,
        }
    }
}

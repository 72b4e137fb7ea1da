//! What a delivery carries to the device.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::{ConfirmCode, Form, Reference};

pub use sealpush_seal::Envelope;

/// The content of one delivery, in the form in which it goes out.
///
/// There is no variant for readable content but [`ClearContent`], which only the content policy can make.
#[derive(Clone)]
pub enum Payload {
    /// Opaque bytes that only the device opens.
    Sealed {
        /// The envelope; it carries the delivery id.
        envelope: Envelope,
        /// Whether the relay sealed it, in memory, at intake.
        by_relay: bool,
    },
    /// The placeholder, and the sender's reference if there is one.
    Omitted {
        /// By which the app fetches the content from its own server.
        reference: Option<Reference>,
    },
    /// Readable content, where operator, app and sender all allow it.
    Clear(ClearContent),
    /// The relay's own message: a code for the device to echo. Never durable: a code that is late is useless.
    Confirm(ConfirmCode),
}

impl Payload {
    /// Whether a sender asked for it; if not, it is the relay's own message.
    #[must_use]
    pub fn is_notification(&self) -> bool {
        !matches!(self, Self::Confirm(_))
    }

    /// The form, as the outcome names it.
    #[must_use]
    pub fn form(&self) -> Form {
        match self {
            Self::Sealed { by_relay: false, .. } => Form::SealedBySender,
            Self::Sealed { by_relay: true, .. } => Form::SealedByRelay,
            // Nothing of a sender's goes out with a code.
            Self::Omitted { .. } | Self::Confirm(_) => Form::Omitted,
            Self::Clear(_) => Form::Clear,
        }
    }
}

/// Readable content that operator, app and sender all allow to go out readable: one JSON object with
/// `title`, `body` and optional `data`, one for all targets that it goes to. It does not print, and waits in the outbox only under the at-rest
/// cipher. Made by `privacy::content` alone.
#[derive(Clone)]
pub struct ClearContent(Arc<Zeroizing<String>>);

impl ClearContent {
    /// Takes a JSON object that the content policy let pass.
    #[must_use]
    pub(crate) fn from_json(json: Zeroizing<String>) -> Self {
        Self(Arc::new(json))
    }

    /// The JSON object, for the request to the push service and for the at-rest cipher.
    pub(crate) fn expose_json(&self) -> &str {
        &self.0
    }
}

//! What a phone did with a message.

use crate::base::UnixMillis;
use crate::cli::content::Content;

/// What its owner sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shown {
    /// The content of an envelope that its own server sealed and signed.
    SignedByServer {
        /// The content.
        content: Content,
        /// When it was sealed.
        sealed_at: UnixMillis,
    },
    /// The content of an envelope that the relay sealed; shown with these words.
    SealedByRelay {
        /// The content.
        content: Content,
        /// When it was sealed.
        sealed_at: UnixMillis,
    },
    /// The placeholder; the content is fetched from the app's own server by the reference.
    Placeholder {
        /// The text.
        text: String,
        /// The reference.
        reference: Option<String>,
    },
    /// Content that everybody on the way could read.
    Clear {
        /// The content.
        content: Content,
    },
    /// Nothing: the placeholder stays, and the app does not say why.
    Refused(Refusal),
}

/// Why nothing was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal(pub(crate) String);

impl Shown {
    /// The content, where there is any.
    pub(crate) fn content(&self) -> Option<&Content> {
        match self {
            Self::SignedByServer { content, .. }
            | Self::SealedByRelay { content, .. }
            | Self::Clear { content } => Some(content),
            Self::Placeholder { .. } | Self::Refused(_) => None,
        }
    }

    /// Who made what is shown, in words.
    pub(crate) fn provenance(&self) -> &'static str {
        match self {
            Self::SignedByServer { .. } => "signed by its own server",
            Self::SealedByRelay { .. } => "sealed by the relay",
            Self::Placeholder { .. } => "placeholder",
            Self::Clear { .. } => "not sealed",
            Self::Refused(_) => "refused",
        }
    }
}

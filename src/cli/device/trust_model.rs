//! Whose sealing a phone takes.

use sealpush_seal::IdentityPublicKey;

/// What the app agreed on with its own server.
#[derive(Debug, Clone)]
pub(crate) enum TrustModel {
    /// Its server seals and signs; the phone holds the server's identity key and refuses all else.
    ServerSigns(IdentityPublicKey),
    /// Its server cannot seal: the relay holds the public key and seals at once.
    RelaySeals,
    /// The app is too old to have keys: it gets no content.
    NoKeys,
}

//! A registration, sealed for the relay: the app hands it to its own server, which never learns the device token, and
//! the relay, which opens it, never learns the user.
//!
//! Owns the wire form, the plaintext and the keys on the relay's side; must not judge what the relay alone knows: which
//! apps exist, whether a token or an endpoint is well-formed, whether the same bytes came before. Read next:
//! [`RegistrationPlaintext`], what is inside.

mod created_at;
mod device_token;
mod json;
mod key_pair;
mod long_term_key;
mod open;
mod plaintext;
mod published_key;
mod registration_id;
mod seal;
mod sealed;

pub use created_at::CreatedAt;
pub use device_token::{ApnsEnvironment, DeviceToken, TokenKind};
pub use key_pair::{KeyId, RegistrationKeyPair, RegistrationPublicKey};
pub use long_term_key::{LongTermKey, LongTermPublicKey};
pub use open::{RegistrationError, open_registration};
pub use plaintext::RegistrationPlaintext;
pub use published_key::{PublishedKey, PublishedKeyError};
pub use registration_id::RegistrationId;
pub use seal::{SealRegistrationError, seal_registration};
pub use sealed::SealedRegistration;

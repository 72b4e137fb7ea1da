//! Sealpush's envelope and its sealed registration: what a push relay carries and cannot read.
//!
//! For whoever seals (a sender's server, or the relay itself), for apps, which open, and for tools. Owns both formats
//! down to the byte. Does no I/O, reads no clock, draws no randomness of its own: time comes in as unix milliseconds, and
//! randomness as a [`rand_core::CryptoRng`]. There is no call that fetches a key, on purpose: a relay that hands out keys
//! could hand out its own, so keys travel between an app and its own server, and never by way of the relay.
//!
//! # From sender to phone
//!
//! ```
//! use getrandom::SysRng;
//! use sealpush_seal::{
//!     DeliveryId, DeviceKeys, Envelope, IdentityKey, IdentityPublicKey, OpenError, Provenance, Sealer, SeenInMemory,
//!     SubscriptionId, SubscriptionPrivateKey, SubscriptionPublicKey, rand_core::UnwrapErr, seal,
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let rng = &mut UnwrapErr(SysRng);
//! let now_ms = 1_795_225_440_000; // by the clock of whoever asks
//!
//! // Once, on the server: an identity key, which it keeps.
//! let identity = IdentityKey::generate(rng);
//!
//! // Once, on the phone: a subscription with a key pair. The private half stays here. The app hands id and public key to
//! // its own server over its own login, and gets the server's identity key over the same login.
//! let subscription = SubscriptionId::random(rng);
//! let private = SubscriptionPrivateKey::generate(rng);
//! let to_server = (subscription.to_string(), private.public().to_base64url());
//! let to_phone = identity.public().to_base64url();
//! let keys = DeviceKeys::new(subscription, private, Some(IdentityPublicKey::from_base64url(&to_phone)?));
//!
//! // For each notification, on the server: seal, sign, and hand the envelope to the relay as text.
//! let subscription: SubscriptionId = to_server.0.parse()?;
//! let key = SubscriptionPublicKey::from_base64url(&to_server.1)?;
//! let content = br#"{"title":"Anna","body":"See you at eight?"}"#;
//! let delivery = DeliveryId::random(rng);
//! let envelope = seal(content, subscription, &key, delivery, Sealer::Sender(&identity), now_ms, rng)?;
//! let text = envelope.to_base64url();
//!
//! // On the phone, a moment later: open. Whoever stood between has seen one of five lengths and a random id.
//! let mut seen = SeenInMemory::new();
//! let envelope = Envelope::from_base64url(&text)?;
//! let opened = keys.open(&envelope, now_ms + 1_500, &mut seen)?;
//! assert_eq!(opened.content.as_slice(), content);
//! assert_eq!(opened.provenance, Provenance::SignedBySender);
//!
//! // A second time it does not open, and the error does not say why.
//! assert_eq!(keys.open(&envelope, now_ms + 1_600, &mut seen).err(), Some(OpenError::OpeningFailed));
//! # Ok(())
//! # }
//! ```
//!
//! # Where to read on
//!
//! - [`seal()`] and [`DeviceKeys`]: the two ends of an envelope. [`seal_with`] takes another HPKE implementation.
//! - [`Envelope`]: what everybody on the way sees.
//! - [`registration`]: how an app registers with the relay by way of its own server, which never learns the device token.
//! - `vectors/` beside this source: test vectors for both formats, good and bad, with a page that explains every field.

#![forbid(unsafe_code)]

pub mod base64url;
pub mod registration;

mod delivery_id;
mod device_keys;
mod ed25519;
mod envelope;
mod field;
mod header;
mod id;
mod identity_key;
mod kind;
mod open_error;
mod opened;
mod plaintext;
mod provenance;
mod public_key_error;
mod seal;
mod sealing_key;
mod seen_deliveries;
mod sender_id;
mod signed_message;
mod subscription_id;
mod subscription_key;
mod suite;
mod uuid_text;
mod window;
mod x25519;

pub use hpke::rand_core;

pub use base64url::Base64UrlError;
pub use delivery_id::DeliveryId;
pub use device_keys::DeviceKeys;
pub use ed25519::{SigningKey, VerifyingKey};
pub use envelope::{Envelope, EnvelopeError, OVERHEAD};
pub use id::Id;
pub use identity_key::{IdentityKey, IdentityPublicKey};
pub use open_error::OpenError;
pub use opened::Opened;
pub use plaintext::{BUCKETS, MAX_CONTENT};
pub use provenance::Provenance;
pub use public_key_error::PublicKeyError;
pub use seal::{SealError, Sealer, seal, seal_with};
pub use sealing_key::{OpeningKey, SealingKey};
pub use seen_deliveries::{SeenDeliveries, SeenInMemory};
pub use sender_id::SenderId;
pub use subscription_id::SubscriptionId;
pub use subscription_key::{SubscriptionPrivateKey, SubscriptionPublicKey};
pub use suite::HpkeFailed;
pub use uuid_text::IdError;

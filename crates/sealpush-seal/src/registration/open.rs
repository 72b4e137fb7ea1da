//! Opening a sealed registration, as the relay does.
//!
//! Owns the order of the checks and what each failure may tell; must not remember what it opened: the relay answers the
//! same bytes from the same sender with what it stored. Read next: `sealed.rs`, the wire form.

use super::{KeyId, RegistrationKeyPair, RegistrationPlaintext, SealedRegistration, sealed::Prefix};
use crate::{
    SenderId, suite,
    window::{REGISTRATION_AGE_MS, is_within},
};

/// Why a sealed registration did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    /// The version is not 1; carries it.
    #[error("version {0} of the sealed registration is not supported: version 1 is")]
    UnsupportedVersion(u8),
    /// The suite is not 1; carries it.
    #[error("suite {0} of the sealed registration is not supported: suite 1 is")]
    UnsupportedSuite(u8),
    /// No registration key of the relay has this key id: the app should fetch the current one.
    #[error("the relay has no registration key {0}")]
    UnknownKeyId(KeyId),
    /// It was made more than 24 hours ago, or more than 5 minutes ahead, by the relay's clock, which is carried in unix
    /// milliseconds so that the app can correct its own.
    #[error("the registration was made too long ago, or ahead of the relay's clock")]
    Time {
        /// The relay's time, unix milliseconds.
        relay_time_ms: u64,
    },
    /// Anything else, a registration for another sender included.
    #[error("opening failed")]
    OpeningFailed,
}

/// Opens what `sender` handed on, with whichever of the relay's keys it names.
///
/// `keys` are the current key and the previous ones that still count; `now_ms` is the relay's clock in unix
/// milliseconds. A registration made exactly 24 hours ago or exactly 5 minutes ahead still passes.
pub fn open_registration<'k>(
    keys: impl IntoIterator<Item = &'k RegistrationKeyPair>,
    sender: SenderId,
    sealed: &SealedRegistration,
    now_ms: u64,
) -> Result<RegistrationPlaintext, RegistrationError> {
    let key_id = sealed.key_id();
    let key = keys.into_iter().find(|key| key.public().key_id() == key_id);
    let key = key.ok_or(RegistrationError::UnknownKeyId(key_id))?;
    let info = Prefix::new(key_id).info(sender);
    let plaintext = suite::open(key.x25519(), &sealed.enc(), &info, sealed.ciphertext())
        .and_then(|padded| RegistrationPlaintext::from_padded_json(&padded))
        .ok_or(RegistrationError::OpeningFailed)?;
    if !is_within(plaintext.created_at.unix_ms(), now_ms, REGISTRATION_AGE_MS) {
        return Err(RegistrationError::Time { relay_time_ms: now_ms });
    }
    Ok(plaintext)
}

#[cfg(test)]
mod tests {
    use getrandom::SysRng;
    use zeroize::Zeroizing;

    use super::{RegistrationError, open_registration};
    use crate::{
        SenderId, SubscriptionId,
        rand_core::UnwrapErr,
        registration::{
            CreatedAt, DeviceToken, RegistrationId, RegistrationKeyPair, RegistrationPlaintext,
            SealedRegistration, seal_registration,
        },
        window::{AHEAD_MS, REGISTRATION_AGE_MS},
    };

    const MADE: u64 = 1_800_000_000_000;
    const SENDER: SenderId = SenderId::from_bytes([5; 16]);

    fn plaintext() -> RegistrationPlaintext {
        RegistrationPlaintext {
            app: "demo".to_owned(),
            device_token: DeviceToken::Fcm { token: Zeroizing::new("token".to_owned()) },
            subscription: SubscriptionId::random(&mut UnwrapErr(SysRng)),
            registration: RegistrationId::random(&mut UnwrapErr(SysRng)),
            secret_hash: [7; 32],
            subscription_key: None,
            created_at: CreatedAt::from_unix_ms(MADE).unwrap(),
        }
    }

    fn key(seed: u8) -> RegistrationKeyPair {
        RegistrationKeyPair::from_bytes(&[seed; 32])
    }

    fn sealed(plaintext: &RegistrationPlaintext) -> SealedRegistration {
        seal_registration(plaintext, SENDER, &key(1).public(), &mut UnwrapErr(SysRng)).unwrap()
    }

    #[test]
    fn the_relay_reads_what_the_app_wrote_with_the_key_that_is_named() {
        let plaintext = plaintext();
        let opened = open_registration([&key(2), &key(1)], SENDER, &sealed(&plaintext), MADE);
        assert_eq!(opened, Ok(plaintext));
    }

    #[test]
    fn another_sender_gets_opening_failed_and_an_unknown_key_is_named() {
        let sealed = sealed(&plaintext());
        let other = SenderId::from_bytes([6; 16]);
        assert_eq!(open_registration([&key(1)], other, &sealed, MADE), Err(RegistrationError::OpeningFailed));
        let unknown = RegistrationError::UnknownKeyId(key(1).public().key_id());
        assert_eq!(open_registration([&key(2)], SENDER, &sealed, MADE), Err(unknown));
    }

    #[test]
    fn a_time_outside_the_window_carries_the_time_of_the_relay() {
        let sealed = sealed(&plaintext());
        for now_ms in [MADE + REGISTRATION_AGE_MS, MADE - AHEAD_MS] {
            assert!(open_registration([&key(1)], SENDER, &sealed, now_ms).is_ok());
        }
        for now_ms in [MADE + REGISTRATION_AGE_MS + 1, MADE - AHEAD_MS - 1] {
            let refused = open_registration([&key(1)], SENDER, &sealed, now_ms);
            assert_eq!(refused, Err(RegistrationError::Time { relay_time_ms: now_ms }));
        }
    }
}

//! Sealed registrations from bytes and from text: kept as they came, and what nobody sealed does not open.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sealpush_seal::{
    SenderId,
    registration::{RegistrationKeyPair, SealedRegistration, open_registration},
};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(sealed) = SealedRegistration::from_base64url(text)
    {
        assert_eq!(sealed.to_base64url(), text);
    }
    let key = RegistrationKeyPair::from_bytes(&[1; 32]);
    let mut bytes = bytes.to_vec();
    // Otherwise the key id would have to be guessed before anything else is reached.
    if let Some(key_id) = bytes.get_mut(2..10) {
        key_id.copy_from_slice(&key.public().key_id().0);
    }
    let Ok(sealed) = SealedRegistration::from_bytes(bytes.as_slice()) else { return };
    assert_eq!(sealed.as_bytes(), bytes);
    assert!(open_registration([&key], SenderId::from_bytes([2; 16]), &sealed, 0).is_err());
});

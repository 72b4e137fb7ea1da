//! Envelopes from bytes and from text: kept as they came, and what nobody sealed does not open.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sealpush_seal::{
    DeviceKeys, Envelope, IdentityKey, OpenError, SeenInMemory, SubscriptionId, SubscriptionPrivateKey,
};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(envelope) = Envelope::from_base64url(text)
    {
        assert_eq!(envelope.to_base64url(), text);
    }
    let Ok(envelope) = Envelope::from_bytes(bytes) else { return };
    assert_eq!(envelope.as_bytes(), bytes);
    let identity = IdentityKey::from_bytes(&[1; 32]).public();
    let private = SubscriptionPrivateKey::from_bytes(&[2; 32]);
    let keys = DeviceKeys::new(SubscriptionId::from_bytes([3; 16]), private, Some(identity));
    let opened = keys.open(&envelope, 0, &mut SeenInMemory::new());
    assert_eq!(opened.err(), Some(OpenError::OpeningFailed));
});

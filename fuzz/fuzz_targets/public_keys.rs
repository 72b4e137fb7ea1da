//! Public keys: what is taken is kept as it came, and nothing panics.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sealpush_seal::{IdentityPublicKey, SubscriptionPublicKey};

fuzz_target!(|bytes: [u8; 32]| {
    if let Ok(key) = SubscriptionPublicKey::from_bytes(bytes) {
        assert_eq!(key.as_bytes(), &bytes);
        assert_eq!(SubscriptionPublicKey::from_base64url(&key.to_base64url()), Ok(key));
    }
    if let Ok(key) = IdentityPublicKey::from_bytes(bytes) {
        assert_eq!(key.as_bytes(), &bytes);
        assert_eq!(IdentityPublicKey::from_base64url(&key.to_base64url()), Ok(key));
    }
});

//! Base64url: each value has one text, and each text that is read is that one.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sealpush_seal::base64url;

fuzz_target!(|text: &str| {
    if let Ok(bytes) = base64url::decode(text) {
        assert_eq!(base64url::encode(&bytes), text);
    }
    assert_eq!(base64url::decode(&base64url::encode(text.as_bytes())).as_deref(), Ok(text.as_bytes()));
});

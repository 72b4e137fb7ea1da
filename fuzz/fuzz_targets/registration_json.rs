//! What is inside a sealed registration: arbitrary text is refused, or read, written and read again as the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sealpush_seal::registration::RegistrationPlaintext;

fuzz_target!(|bytes: &[u8]| {
    let mut padded = bytes.to_vec();
    padded.resize(if bytes.len() <= 1024 { 1024 } else { 2048 }, b' ');
    let Some(plaintext) = RegistrationPlaintext::from_padded_json(&padded) else { return };
    // Our own spelling may need more room than another one did, for an escaped character.
    if let Ok(again) = plaintext.to_padded_json() {
        assert_eq!(RegistrationPlaintext::from_padded_json(&again), Some(plaintext));
    }
});

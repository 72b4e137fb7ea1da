//! The crate takes and refuses the vectors of public keys, published keys and base64url.

use sealpush_seal::{
    IdentityPublicKey, PublicKeyError, SubscriptionPublicKey, base64url,
    registration::{LongTermPublicKey, PublishedKey, PublishedKeyError, RegistrationPublicKey},
};

use crate::generate::format::{Base64UrlVector, PublicKeyVector, PublishedKeyVector, read, un_b64_array};

fn named(result: Result<(), PublicKeyError>) -> &'static str {
    match result {
        Ok(()) => "taken",
        Err(PublicKeyError::Encoding) => "encoding",
        Err(PublicKeyError::Length(_)) => "length",
        Err(PublicKeyError::NotBelowPrime) => "not_below_prime",
        Err(PublicKeyError::LowOrder) => "low_order",
        Err(PublicKeyError::NotOnCurve) => "not_on_curve",
    }
}

#[test]
fn each_public_key_is_taken_or_refused_as_its_vector_says() {
    for vector in read::<PublicKeyVector>(include_str!("../../vectors/public_keys.json")) {
        let results = match vector.curve.as_str() {
            "x25519" => [
                SubscriptionPublicKey::from_base64url(&vector.key).map(drop),
                RegistrationPublicKey::from_base64url(&vector.key).map(drop),
            ],
            _ => [
                IdentityPublicKey::from_base64url(&vector.key).map(drop),
                LongTermPublicKey::from_base64url(&vector.key).map(drop),
            ],
        };
        assert_eq!(results.map(named), [vector.result.as_str(); 2], "{} {}", vector.curve, vector.name);
    }
}

fn verify(vector: &PublishedKeyVector) -> &'static str {
    let Ok(key) = RegistrationPublicKey::from_base64url(&vector.key) else { return "key" };
    let published = PublishedKey {
        key,
        valid_from_ms: vector.valid_from_ms,
        valid_until_ms: vector.valid_until_ms,
        signature: un_b64_array(&vector.signature),
    };
    let long_term = LongTermPublicKey::from_base64url(&vector.long_term_key).unwrap();
    match published.verify(&long_term, vector.now_ms) {
        Ok(_) => "taken",
        Err(PublishedKeyError::Signature) => "signature",
        Err(PublishedKeyError::NotValidNow) => "time",
    }
}

#[test]
fn each_published_key_is_taken_or_refused_as_its_vector_says() {
    for vector in read::<PublishedKeyVector>(include_str!("../../vectors/published_keys.json")) {
        assert_eq!(verify(&vector), vector.result, "{}", vector.name);
    }
}

#[test]
fn each_text_is_read_or_refused_as_its_vector_says() {
    for vector in read::<Base64UrlVector>(include_str!("../../vectors/base64url.json")) {
        assert_eq!(base64url::decode(&vector.text).ok().map(hex::encode), vector.bytes, "{:?}", vector.text);
    }
}

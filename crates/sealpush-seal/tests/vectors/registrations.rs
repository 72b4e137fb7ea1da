//! The crate opens, refuses and seals the vectors of the sealed registration.

use sealpush_seal::{
    SenderId,
    registration::{
        ApnsEnvironment, DeviceToken, RegistrationError, RegistrationKeyPair, RegistrationPlaintext,
        SealedRegistration, TokenKind, open_registration, seal_registration,
    },
};
use serde_json::{Value, json};

use crate::{
    generate::format::{Refused, RegistrationVector, b64, read, un_b64, un_b64_array},
    seeded::Seeded,
};

fn vectors() -> Vec<RegistrationVector> {
    read(include_str!("../../vectors/registrations.json"))
}

fn keys(vector: &RegistrationVector) -> Vec<RegistrationKeyPair> {
    let key = |text: &String| RegistrationKeyPair::from_bytes(&un_b64_array(text));
    vector.registration_private_keys.iter().map(key).collect()
}

fn open(vector: &RegistrationVector) -> Result<RegistrationPlaintext, RegistrationError> {
    let sealed = SealedRegistration::from_base64url(&vector.sealed_registration)?;
    open_registration(&keys(vector), vector.sender.parse().unwrap(), &sealed, vector.now_ms)
}

fn named(error: RegistrationError) -> (&'static str, Option<String>) {
    match error {
        RegistrationError::UnsupportedVersion(version) => ("unsupported_version", Some(version.to_string())),
        RegistrationError::UnsupportedSuite(suite) => ("unsupported_suite", Some(suite.to_string())),
        RegistrationError::UnknownKeyId(key_id) => ("unknown_key_id", Some(key_id.to_string())),
        RegistrationError::Time { relay_time_ms } => ("time", Some(relay_time_ms.to_string())),
        RegistrationError::OpeningFailed => ("opening_failed", None),
    }
}

/// The members as JSON, by a writer that is not the crate's.
fn members(plaintext: &RegistrationPlaintext) -> Value {
    let mut members = json!({
        "app": plaintext.app,
        "subscription": plaintext.subscription.to_string(),
        "registration": plaintext.registration.to_string(),
        "secret_hash": b64(&plaintext.secret_hash),
        "created_at": plaintext.created_at.to_string(),
    });
    let (push_service, device_token) = match &plaintext.device_token {
        DeviceToken::Apns { token, .. } => ("apns", json!(token.as_str())),
        DeviceToken::Fcm { token } => ("fcm", json!(token.as_str())),
        DeviceToken::WebPush { endpoint, p256dh, auth } => (
            "webpush",
            json!({"endpoint": endpoint.as_str(), "p256dh": b64(&p256dh[..]), "auth": b64(&auth[..])}),
        ),
    };
    members["push_service"] = push_service.into();
    members["device_token"] = device_token;
    if let DeviceToken::Apns { environment, kind, .. } = &plaintext.device_token {
        let is_production = *environment == ApnsEnvironment::Production;
        members["environment"] = if is_production { "production" } else { "sandbox" }.into();
        if *kind == TokenKind::Voip {
            members["token_kind"] = "voip".into();
        }
    }
    if let Some(key) = plaintext.subscription_key {
        members["subscription_key"] = key.to_base64url().into();
    }
    members
}

#[test]
fn each_registration_ends_as_its_vector_says() {
    for vector in vectors() {
        match (open(&vector), &vector.opens, &vector.refused) {
            (Ok(opened), Some(expected), None) => assert_eq!(&members(&opened), expected, "{}", vector.name),
            (Err(error), None, Some(Refused { error: name, value, .. })) => {
                assert_eq!(named(error), (name.as_str(), value.clone()), "{}", vector.name);
            }
            (result, ..) => panic!("{}: {result:?}", vector.name),
        }
    }
}

#[test]
fn each_good_registration_is_sealed_again_and_those_in_the_usual_spelling_to_the_byte() {
    let mut to_the_byte = 0;
    for vector in vectors() {
        let (Ok(plaintext), Some(sealing)) = (open(&vector), &vector.sealing) else { continue };
        let sender: SenderId = vector.sender.parse().unwrap();
        let sealed = SealedRegistration::from_base64url(&vector.sealed_registration).unwrap();
        let keys = keys(&vector);
        let key = keys.iter().find(|key| key.public().key_id() == sealed.key_id()).unwrap();
        let ikm = un_b64(&sealing.ephemeral_ikm);
        let again = seal_registration(&plaintext, sender, &key.public(), &mut Seeded(&ikm)).unwrap();
        assert_eq!(open_registration(&keys, sender, &again, vector.now_ms).as_ref(), Ok(&plaintext));
        to_the_byte += usize::from(again == sealed);
    }
    assert_eq!(to_the_byte, 12, "of the good ones, 4 are spelled or padded in another way");
}

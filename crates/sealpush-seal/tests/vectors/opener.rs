//! Opens a vector with the crate, and tells whether it ended as the vector says. Shared by the tests, for the project's
//! vectors, and by the example `open_peers`, for what other software sealed.

use sealpush_seal::{
    DeviceKeys, Envelope, IdentityPublicKey, OpenError, Opened, Provenance, SeenDeliveries, SeenInMemory,
    SubscriptionPrivateKey,
    registration::{
        ApnsEnvironment, DeviceToken, RegistrationError, RegistrationKeyPair, RegistrationPlaintext,
        SealedRegistration, TokenKind, open_registration,
    },
};
use serde_json::{Value, json};

use crate::generate::format::{
    Device, EnvelopeVector, Opens, Refused, RegistrationVector, b64, un_b64_array,
};

/// What a check says: nothing, or what went otherwise than the vector says.
type Verdict = Result<(), String>;

/// Opens an envelope.
pub(crate) fn envelope(vector: &EnvelopeVector) -> Verdict {
    let result = open_envelope(vector).map(|opened| opens(&opened)).map_err(envelope_error);
    verdict(&vector.name, &result, vector.opens.as_ref(), vector.refused.as_ref())
}

/// Opens a sealed registration.
pub(crate) fn registration(vector: &RegistrationVector) -> Verdict {
    let result = open_registration_vector(vector).map(|opened| members(&opened)).map_err(registration_error);
    verdict(&vector.name, &result, vector.opens.as_ref(), vector.refused.as_ref())
}

fn verdict<T: PartialEq + std::fmt::Debug>(
    name: &str,
    result: &Result<T, (&str, Option<String>)>,
    opens: Option<&T>,
    refused: Option<&Refused>,
) -> Verdict {
    let is_right = match (result, opens, refused) {
        (Ok(opened), Some(expected), None) => opened == expected,
        (Err((error, value)), None, Some(expected)) => expected.error == *error && expected.value == *value,
        _ => false,
    };
    if is_right { Ok(()) } else { Err(format!("{name}: {result:?}")) }
}

fn opens(opened: &Opened) -> Opens {
    let is_signed = opened.provenance == Provenance::SignedBySender;
    Opens {
        content: b64(&opened.content),
        provenance: if is_signed { "signed_by_sender" } else { "sealed_by_relay" }.to_owned(),
        sealed_at_ms: opened.sealed_at_ms,
        delivery: opened.delivery.to_string(),
    }
}

fn device_keys(device: &Device) -> DeviceKeys {
    let private = |text: &str| SubscriptionPrivateKey::from_bytes(&un_b64_array(text));
    let identity = |text: &str| IdentityPublicKey::from_base64url(text).unwrap();
    let current = device.identity_key.as_deref().map(identity);
    let mut keys =
        DeviceKeys::new(device.subscription.parse().unwrap(), private(&device.private_key), current);
    for previous in &device.previous_private_keys {
        keys = keys.with_previous_key(private(&previous.key), previous.replaced_at_ms);
    }
    for previous in &device.previous_identity_keys {
        keys = keys.with_previous_identity(identity(&previous.key), previous.replaced_at_ms);
    }
    keys
}

fn open_envelope(vector: &EnvelopeVector) -> Result<Opened, OpenError> {
    let mut seen = SeenInMemory::new();
    for delivery in &vector.device.seen {
        let subscription = vector.device.subscription.parse().unwrap();
        seen.remember(subscription, delivery.parse().unwrap(), vector.device.now_ms);
    }
    let envelope = Envelope::from_base64url(&vector.envelope)?;
    device_keys(&vector.device).open(&envelope, vector.device.now_ms, &mut seen)
}

fn envelope_error(error: OpenError) -> (&'static str, Option<String>) {
    match error {
        OpenError::UnsupportedVersion(version) => ("unsupported_version", Some(version.to_string())),
        OpenError::UnsupportedSuite(suite) => ("unsupported_suite", Some(suite.to_string())),
        OpenError::OpeningFailed => ("opening_failed", None),
    }
}

pub(crate) fn registration_keys(vector: &RegistrationVector) -> Vec<RegistrationKeyPair> {
    let key = |text: &String| RegistrationKeyPair::from_bytes(&un_b64_array(text));
    vector.registration_private_keys.iter().map(key).collect()
}

pub(crate) fn open_registration_vector(
    vector: &RegistrationVector,
) -> Result<RegistrationPlaintext, RegistrationError> {
    let sealed = SealedRegistration::from_base64url(&vector.sealed_registration)?;
    open_registration(&registration_keys(vector), vector.sender.parse().unwrap(), &sealed, vector.now_ms)
}

fn registration_error(error: RegistrationError) -> (&'static str, Option<String>) {
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

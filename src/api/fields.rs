//! Members of requests that become values of the model, each with the problem that says where it is wrong.

use std::str::FromStr;

use crate::intake::NewSecret;
use crate::model::{
    ConfirmCode, ContactAddress, DeviceToken, Environment, Id, Lifetime, PushService, RegistrationId,
    RelayKey, Scope, Scopes, SecretHash, SenderId, SenderName, SubscriptionId, TokenKind,
};
use crate::web::Problem;

/// An id in a path. What is no id names nothing: 404, not 422.
pub(super) fn path_id<K>(text: &str) -> Result<Id<K>, Problem> {
    text.parse().map_err(|_| Problem::no_such_path())
}

/// A v4 UUID, drawn by the device so that it tells no time.
fn random_id<K>(text: &str, pointer: &str) -> Result<Id<K>, Problem> {
    Id::parse_version(text, 4).map_err(|error| Problem::invalid("invalid_id", pointer, format!("{error}.")))
}

/// A registration id that the app drew.
pub(super) fn registration_id(text: &str) -> Result<RegistrationId, Problem> {
    random_id(text, "/registration")
}

/// A subscription id that the app drew.
pub(super) fn subscription_id(text: &str) -> Result<SubscriptionId, Problem> {
    random_id(text, "/subscription")
}

/// A sender id that the app got from its server.
pub(super) fn sender_id(text: &str) -> Result<SenderId, Problem> {
    random_id(text, "/sender")
}

/// A name of a closed list.
fn name<T: FromStr>(text: &str, pointer: &'static str, allowed: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::invalid("unknown_value", pointer, format!("This is one of {allowed}.")))
}

/// A push service.
pub(super) fn push_service(text: &str) -> Result<PushService, Problem> {
    name(text, "/push_service", "apns, fcm")
}

/// APNs' environment.
pub(super) fn environment(text: Option<&str>) -> Result<Option<Environment>, Problem> {
    text.map(|text| name(text, "/environment", "production, sandbox")).transpose()
}

/// A token kind; `standard` where none is named.
pub(super) fn token_kind(text: Option<&str>) -> Result<TokenKind, Problem> {
    text.map_or(Ok(TokenKind::Standard), |text| name(text, "/token_kind", "standard, voip"))
}

/// A device token.
pub(super) fn device_token(push_service: PushService, text: &str) -> Result<DeviceToken, Problem> {
    DeviceToken::parse(push_service, text)
        .map_err(|error| Problem::invalid("invalid_device_token", "/device_token", format!("{error}.")))
}

/// The code that a device echoes.
pub(super) fn code(text: &str) -> Result<ConfirmCode, Problem> {
    ConfirmCode::parse(text).map_err(|error| Problem::invalid("invalid_code", "/code", format!("{error}.")))
}

/// 32 bytes of base64url.
pub(super) fn secret_hash(text: &str) -> Result<SecretHash, Problem> {
    let bytes = sealpush_seal::base64url::decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.map(SecretHash).ok_or_else(|| {
        let detail = "secret_hash is base64url (no padding) of the SHA-256 of the 32-byte secret.";
        Problem::invalid("invalid_secret_hash", "/secret_hash", detail)
    })
}

/// A sender's name.
pub(super) fn sender_name(text: &str) -> Result<SenderName, Problem> {
    text.parse().map_err(|error| Problem::invalid("invalid_name", "/name", format!("{error}.")))
}

/// An address for incidents.
pub(super) fn contact_address(text: &str) -> Result<ContactAddress, Problem> {
    text.parse().map_err(|error| Problem::invalid("invalid_address", "/contact/address", format!("{error}.")))
}

/// What a credential shall allow.
pub(super) fn scopes(scopes: &[Scope]) -> Result<Scopes, Problem> {
    if scopes.is_empty() {
        let detail = "A credential without a scope allows nothing; name notify, register or admin.";
        return Err(Problem::invalid("scopes_missing", "/scopes", detail));
    }
    Ok(Scopes::of(scopes))
}

/// For how long a credential shall count.
pub(super) fn lifetime(seconds: u64) -> Result<Lifetime, Problem> {
    Lifetime::from_seconds(seconds)
        .map_err(|error| Problem::invalid("invalid_lifetime", "/expires_in", format!("{error}.")))
}

/// Who draws a credential: its holder, where both members are there, else the relay. `pointer` is the id's place.
pub(super) fn new_secret(pointer: &str, id: Option<&str>, hash: Option<&str>) -> Result<NewSecret, Problem> {
    match (id, hash) {
        (None, None) => Ok(NewSecret::Drawn),
        (Some(id), Some(hash)) => {
            Ok(NewSecret::Held { id: random_id(id, pointer)?, secret_hash: secret_hash(hash)? })
        }
        (Some(_), None) => {
            let detail = "Who draws the id draws the secret too, and sends its hash; or send neither.";
            Err(Problem::invalid("secret_hash_missing", "/secret_hash", detail))
        }
        (None, Some(_)) => {
            let detail = "A secret_hash belongs to an id that was drawn with it; or send neither.";
            Err(Problem::invalid("credential_id_missing", pointer, detail))
        }
    }
}

/// A subscription's public key.
pub(super) fn relay_key(text: &str) -> Result<RelayKey, Problem> {
    let invalid = |why: String| Problem::invalid("invalid_subscription_key", "/subscription_key", why);
    let bytes = sealpush_seal::base64url::decode(text)
        .map_err(|error| invalid(format!("The key is not base64url without padding: {error}.")))?;
    let bytes: [u8; 32] =
        bytes.try_into().map_err(|_| invalid("An X25519 public key is 32 bytes.".to_owned()))?;
    RelayKey::from_bytes(bytes).map_err(|error| invalid(format!("{error}.")))
}

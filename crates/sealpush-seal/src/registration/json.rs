//! The JSON object inside a sealed registration.
//!
//! Owns member names and spellings. Unknown and repeated members are refused, an optional member is left out and never
//! null, and each value has one spelling. Must not know about padding. Read next: [`super::RegistrationPlaintext`].

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, MapAccess, value::MapAccessDeserializer},
};
use zeroize::Zeroizing;

use super::{
    ApnsEnvironment, CreatedAt, DeviceToken, RegistrationId, RegistrationPlaintext, TokenKind,
    plaintext::LENGTHS,
};
use crate::{SubscriptionId, SubscriptionPublicKey, base64url};

/// The members as text. The derived reader refuses a repeated member by itself.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Members<'a> {
    #[serde(borrow)]
    app: Cow<'a, str>,
    push_service: PushService,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    environment: Option<Environment>,
    #[serde(borrow)]
    device_token: Address<'a>,
    subscription: Cow<'a, str>,
    registration: Cow<'a, str>,
    secret_hash: Cow<'a, str>,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    token_kind: Option<NamedTokenKind>,
    #[serde(default, borrow, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    subscription_key: Option<Cow<'a, str>>,
    created_at: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PushService {
    Apns,
    Fcm,
    WebPush,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Environment {
    Production,
    Sandbox,
}

/// The kinds that are written: `standard` is said by leaving the member out.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum NamedTokenKind {
    Voip,
}

/// `device_token`: a string, or an object for Web Push.
#[derive(Serialize)]
#[serde(untagged)]
enum Address<'a> {
    Token(Cow<'a, str>),
    WebPush(WebPushAddress<'a>),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WebPushAddress<'a> {
    #[serde(borrow)]
    endpoint: Cow<'a, str>,
    p256dh: Cow<'a, str>,
    auth: Cow<'a, str>,
}

/// Reads an optional member that is there: null is no value of it.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

// By hand, since serde's untagged reader would copy the token into buffers that nobody wipes.
impl<'de: 'a, 'a> Deserialize<'de> for Address<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Address<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string, or an object of endpoint, p256dh and auth")
            }
            fn visit_borrowed_str<E>(self, token: &'de str) -> Result<Self::Value, E> {
                Ok(Address::Token(Cow::Borrowed(token)))
            }
            fn visit_str<E>(self, token: &str) -> Result<Self::Value, E> {
                Ok(Address::Token(Cow::Owned(token.to_owned())))
            }
            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
                WebPushAddress::deserialize(MapAccessDeserializer::new(members)).map(Address::WebPush)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

pub(super) fn write(plaintext: &RegistrationPlaintext) -> Zeroizing<Vec<u8>> {
    let (push_service, environment, token_kind, device_token) = match &plaintext.device_token {
        DeviceToken::Apns { token, environment, kind } => {
            let environment = match environment {
                ApnsEnvironment::Production => Environment::Production,
                ApnsEnvironment::Sandbox => Environment::Sandbox,
            };
            let kind = match kind {
                TokenKind::Standard => None,
                TokenKind::Voip => Some(NamedTokenKind::Voip),
            };
            (PushService::Apns, Some(environment), kind, Address::Token(token.as_str().into()))
        }
        DeviceToken::Fcm { token } => (PushService::Fcm, None, None, Address::Token(token.as_str().into())),
        DeviceToken::WebPush { endpoint, p256dh, auth } => {
            let address = WebPushAddress {
                endpoint: endpoint.as_str().into(),
                p256dh: base64url::encode(p256dh.as_slice()).into(),
                auth: base64url::encode(auth.as_slice()).into(),
            };
            (PushService::WebPush, None, None, Address::WebPush(address))
        }
    };
    let members = Members {
        app: plaintext.app.as_str().into(),
        push_service,
        environment,
        device_token,
        subscription: plaintext.subscription.to_string().into(),
        registration: plaintext.registration.to_string().into(),
        secret_hash: base64url::encode(&plaintext.secret_hash).into(),
        token_kind,
        subscription_key: plaintext.subscription_key.map(|key| key.to_base64url().into()),
        created_at: plaintext.created_at.to_string().into(),
    };
    // Room for the longest that is sealed, so that growing leaves no copy of the token behind.
    let mut json = Zeroizing::new(Vec::with_capacity(LENGTHS[1]));
    serde_json::to_writer(&mut *json, &members).expect("strings and enums are JSON");
    json
}

pub(super) fn read(json: &[u8]) -> Option<RegistrationPlaintext> {
    let members: Members<'_> = serde_json::from_slice(json).ok()?;
    let subscription_key = match &members.subscription_key {
        Some(text) => Some(SubscriptionPublicKey::from_base64url(text).ok()?),
        None => None,
    };
    Some(RegistrationPlaintext {
        subscription: members.subscription.parse().ok().filter(SubscriptionId::is_version_4)?,
        registration: members.registration.parse().ok().filter(RegistrationId::is_version_4)?,
        secret_hash: bytes(&members.secret_hash)?,
        subscription_key,
        created_at: CreatedAt::parse(&members.created_at)?,
        app: members.app.into_owned(),
        device_token: device_token(
            members.push_service,
            members.device_token,
            members.environment,
            members.token_kind,
        )?,
    })
}

/// Joins the four members that depend on each other; nothing where they do not fit.
fn device_token(
    push_service: PushService,
    address: Address<'_>,
    environment: Option<Environment>,
    kind: Option<NamedTokenKind>,
) -> Option<DeviceToken> {
    let secret = |text: Cow<'_, str>| Zeroizing::new(text.into_owned());
    match (push_service, address, environment, kind) {
        (PushService::Apns, Address::Token(token), Some(environment), kind) => Some(DeviceToken::Apns {
            token: secret(token),
            environment: match environment {
                Environment::Production => ApnsEnvironment::Production,
                Environment::Sandbox => ApnsEnvironment::Sandbox,
            },
            kind: match kind {
                None => TokenKind::Standard,
                Some(NamedTokenKind::Voip) => TokenKind::Voip,
            },
        }),
        (PushService::Fcm, Address::Token(token), None, None) => {
            Some(DeviceToken::Fcm { token: secret(token) })
        }
        (PushService::WebPush, Address::WebPush(address), None, None) => Some(DeviceToken::WebPush {
            endpoint: secret(address.endpoint),
            p256dh: Box::new(bytes(&address.p256dh)?),
            auth: Zeroizing::new(bytes(&address.auth)?),
        }),
        _ => None,
    }
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    Zeroizing::new(base64url::decode(text).ok()?).as_slice().try_into().ok()
}

//! `GET /v1/relay`: what the relay says of itself.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use sealpush_seal::registration::PublishedKey;
use serde::Serialize;
use utoipa::ToSchema;

use super::Api;
use crate::base::UnixMillis;
use crate::model::{AdmissionMode, ContentPolicy, PushService};

/// What the relay says of itself to anyone.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Relay)]
pub struct RelayDocument {
    /// Its name.
    pub name: String,
    /// The address at which senders and apps reach it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub url: Option<String>,
    /// The release that runs.
    pub version: &'static str,
    /// The versions of the protocol that it speaks.
    pub protocol_versions: Vec<u8>,
    /// Who may become a sender at `POST /v1/senders`: whoever has an invite, or whoever asks.
    pub admission: AdmissionMode,
    /// The content policies that a sender may choose from; stricter ones than the operator's only.
    #[schema(value_type = Vec<ContentPolicy>)]
    pub content_policies: Vec<&'static str>,
    /// What fits.
    pub limits: RelayLimits,
    /// Which apps it serves, and what each asks of a registration.
    pub apps: Vec<RelayApp>,
    /// The keys that apps may seal registrations to, the newest first; none where the relay takes no sealed
    /// registrations.
    pub registration_keys: Vec<RegistrationKeyDocument>,
    /// How to reach the operator.
    pub contact: String,
    /// The operator's country, ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub country: Option<String>,
    /// Terms of use.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub terms_url: Option<String>,
    /// Privacy policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub privacy_url: Option<String>,
}

/// What fits into a request.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Limits)]
pub struct RelayLimits {
    /// Bytes of the body of `POST /v1/notifications`.
    pub body_bytes: usize,
    /// Targets of one notification.
    pub targets: usize,
    /// Bytes of content in the largest envelope.
    pub content_bytes: usize,
    /// Bytes of the largest envelope, before base64url.
    pub envelope_bytes: usize,
    /// The sizes of a padded plaintext.
    pub plaintext_bytes: Vec<usize>,
    /// Bytes of a reference.
    pub reference_bytes: usize,
    /// The longest time to live.
    pub ttl_seconds: u32,
    /// How long `wait: true` waits.
    pub wait_seconds: u64,
    /// How long outcomes are kept. At 0 a repeated id is a new notification.
    pub outcomes_kept_seconds: u64,
}

/// An app, as everybody may know it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = App)]
pub struct RelayApp {
    /// Its name in registrations.
    pub app: String,
    /// The push services that it has credentials for.
    #[schema(value_type = Vec<PushService>)]
    pub push_services: Vec<&'static str>,
    /// Whether a registration must prove whose token it is. `off`: this relay does not check.
    pub confirm: &'static str,
    /// The app's content policy.
    #[schema(value_type = ContentPolicy)]
    pub content_policy: &'static str,
}

/// A key that apps seal registrations to.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RegistrationKey)]
pub struct RegistrationKeyDocument {
    /// The public half (X25519), base64url.
    #[schema(min_length = 43, max_length = 43)]
    pub key: String,
    /// The first moment at which apps seal to it, in whole seconds.
    #[schema(format = DateTime)]
    pub valid_from: String,
    /// The last moment.
    #[schema(format = DateTime)]
    pub valid_until: String,
    /// Ed25519 by the relay's long-term key, base64url, over the key and both times in unix milliseconds. An app
    /// has the public half of that key in its build, never from here.
    #[schema(min_length = 86, max_length = 86)]
    pub signature: String,
}

impl From<&PublishedKey> for RegistrationKeyDocument {
    fn from(published: &PublishedKey) -> Self {
        let time = |ms: u64| UnixMillis(i64::try_from(ms).unwrap_or(i64::MAX)).to_string();
        Self {
            key: published.key.to_base64url(),
            valid_from: time(published.valid_from_ms),
            valid_until: time(published.valid_until_ms),
            signature: sealpush_seal::base64url::encode(&published.signature),
        }
    }
}

/// What the relay says of itself.
///
/// By anyone, without a credential.
#[utoipa::path(get, path = "/v1/relay", tag = "relay", responses((status = 200, body = RelayDocument)))]
pub(super) async fn show(State(api): State<Arc<Api>>) -> Json<RelayDocument> {
    let keys = api.registration_keys.published(api.clock.now());
    let registration_keys = keys.iter().map(RegistrationKeyDocument::from).collect();
    Json(RelayDocument { registration_keys, ..RelayDocument::clone(&api.relay.get()) })
}

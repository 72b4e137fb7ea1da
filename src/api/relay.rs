//! `GET /v1/relay`: what the relay says of itself.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::Api;
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

/// What the relay says of itself.
///
/// By anyone, without a credential.
#[utoipa::path(get, path = "/v1/relay", tag = "relay", responses((status = 200, body = RelayDocument)))]
pub(super) async fn show(State(api): State<Arc<Api>>) -> Response {
    Json(&*api.relay.get()).into_response()
}

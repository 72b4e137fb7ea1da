//! What an app asks of a relay.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{ClientError, Exchange, Hop, HttpClient};
use crate::base::Secret;

/// An app's calls.
pub(crate) struct AppClient {
    http: HttpClient,
    hop: Hop,
}

/// `POST /v1/registrations`: where the device is reached.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RegistrationRequest {
    /// The app's id at the relay.
    pub(crate) app: String,
    /// `apns` or `fcm`.
    pub(crate) push_service: String,
    /// `production` or `sandbox`; APNs only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) environment: Option<String>,
    /// The device token.
    pub(crate) device_token: String,
}

/// `POST /v1/registrations/{id}/subscriptions`: one sender's right to reach the registration.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SubscriptionRequest {
    /// The id that the device drew.
    pub(crate) subscription: String,
    /// The sender.
    pub(crate) sender: String,
    /// The public key, only where the relay may seal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subscription_key: Option<String>,
}

/// A registration that was made.
pub(crate) struct Registered {
    /// Its id.
    pub(crate) registration: String,
    /// With which the app reads, replaces and removes it.
    pub(crate) credential: Secret<String>,
    /// The relay sent the device a code, and waits for its echo.
    pub(crate) is_pending: bool,
}

#[derive(Deserialize)]
struct RegisteredAnswer {
    registration: String,
    credential: String,
    state: RegistrationState,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RegistrationState {
    Active,
    Pending,
}

#[derive(Deserialize)]
struct SubscribedAnswer {
    subscription: String,
}

impl AppClient {
    /// An app's client.
    #[must_use]
    pub(crate) fn new(http: HttpClient, hop: Hop) -> Self {
        Self { http, hop }
    }

    /// Registers a device token.
    pub(crate) async fn register(&self, request: &RegistrationRequest) -> Result<Registered, ClientError> {
        let exchange = Exchange::post("/v1/registrations", request);
        let answer: RegisteredAnswer = self.http.exchange(&self.hop, exchange).await?.document(&self.hop)?;
        Ok(Registered {
            registration: answer.registration,
            credential: Secret::new(answer.credential),
            is_pending: answer.state == RegistrationState::Pending,
        })
    }

    /// Echoes the code that came to the device.
    pub(crate) async fn confirm(&self, registered: &Registered, code: &str) -> Result<(), ClientError> {
        let path = format!("/v1/registrations/{}/confirm", registered.registration);
        let exchange = Exchange::post(path, &json!({ "code": code })).by(&registered.credential);
        self.http.exchange(&self.hop, exchange).await?.done(&self.hop)
    }

    /// Subscribes a sender to a registration.
    pub(crate) async fn subscribe(
        &self,
        registered: &Registered,
        request: &SubscriptionRequest,
    ) -> Result<(), ClientError> {
        let path = format!("/v1/registrations/{}/subscriptions", registered.registration);
        let exchange = Exchange::post(path, request).by(&registered.credential);
        let answer: SubscribedAnswer = self.http.exchange(&self.hop, exchange).await?.document(&self.hop)?;
        if answer.subscription == request.subscription {
            return Ok(());
        }
        Err(ClientError::NotAsked {
            hop: self.hop.clone(),
            problem: format!("another subscription than {}", request.subscription),
        })
    }
}

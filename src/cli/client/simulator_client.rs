//! The control API of the push simulator: how a simulated phone gets a token and its messages.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{ClientError, Exchange, Hop, HttpClient};

/// How long one long poll lasts.
const POLL: Duration = Duration::from_mins(1);

/// The simulator's control API.
pub(crate) struct SimulatorClient {
    http: HttpClient,
    hop: Hop,
}

#[derive(Deserialize)]
struct Token {
    token: String,
}

#[derive(Deserialize)]
struct Pushes {
    pushes: Vec<NumberedPush>,
}

/// A message in a phone's inbox.
#[derive(Debug, Deserialize)]
pub(crate) struct NumberedPush {
    /// Its place in the inbox, from 1.
    pub(crate) number: usize,
    /// What the push service passed on.
    pub(crate) body: Value,
}

impl SimulatorClient {
    /// A client of the control API.
    #[must_use]
    pub(crate) fn new(http: HttpClient, hop: Hop) -> Self {
        Self { http, hop }
    }

    /// A new iPhone with an app of this bundle id.
    pub(crate) async fn apns_device(&self, topic: &str) -> Result<String, ClientError> {
        self.device(json!({"push_service": "apns", "topic": topic, "environment": "production"})).await
    }

    /// A new Android phone with an app of this Firebase project.
    pub(crate) async fn fcm_device(&self, project: &str) -> Result<String, ClientError> {
        self.device(json!({"push_service": "fcm", "project": project})).await
    }

    /// Messages numbered above `after`; waits up to a minute for the first.
    pub(crate) async fn pushes(&self, token: &str, after: usize) -> Result<Vec<NumberedPush>, ClientError> {
        let path = format!("/devices/{token}/pushes?after={after}&wait={}", POLL.as_secs());
        let exchange = Exchange::get(path).within(POLL + Duration::from_secs(15));
        let answer: Pushes = self.http.exchange(&self.hop, exchange).await?.document(&self.hop)?;
        Ok(answer.pushes)
    }

    async fn device(&self, request: Value) -> Result<String, ClientError> {
        let answer = self.http.exchange(&self.hop, Exchange::post("/devices", &request)).await?;
        Ok(answer.document::<Token>(&self.hop)?.token)
    }
}

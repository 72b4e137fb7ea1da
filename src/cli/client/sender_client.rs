//! What a sender asks of a relay.

use std::collections::HashSet;

use bytes::Bytes;
use serde::Deserialize;

use super::{Answer, ClientError, Exchange, Hop, HttpClient};
use crate::base::Secret;
use crate::cli::printable::printable;

/// A sender's calls. There is none that reads a key, on purpose.
pub(crate) struct SenderClient {
    http: HttpClient,
    hop: Hop,
    credential: Secret<String>,
}

/// The outcomes of a notification, as far as they are known. Members that are not listed here, a key for
/// example, are not read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct OutcomesAnswer {
    /// The notification's id.
    pub(crate) id: String,
    /// One for each target.
    pub(crate) targets: Vec<TargetAnswer>,
}

/// The outcome of one target.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct TargetAnswer {
    /// The subscription.
    pub(crate) subscription: String,
    /// `accepted`, `gone`, `expired`, `rejected`, `replaced`, `withdrawn`, or `pending` until then.
    pub(crate) outcome: String,
    /// Why, where there is more to say.
    pub(crate) reason: Option<String>,
    /// The form in which the content went out.
    pub(crate) form: Option<String>,
    /// When, RFC 3339.
    pub(crate) at: Option<String>,
}

impl SenderClient {
    /// The client of the sender that holds `credential`.
    #[must_use]
    pub(crate) fn new(http: HttpClient, hop: Hop, credential: Secret<String>) -> Self {
        Self { http, hop, credential }
    }

    /// The relay.
    #[must_use]
    pub(crate) fn hop(&self) -> &Hop {
        &self.hop
    }

    /// `POST /v1/notifications` with a body that is JSON already. `id` and `subscriptions` are what it asks
    /// about: an answer about anything else is an error.
    pub(crate) async fn submit(
        &self,
        body: Bytes,
        id: &str,
        subscriptions: &HashSet<String>,
    ) -> Result<OutcomesAnswer, ClientError> {
        let exchange = Exchange::post_bytes("/v1/notifications", body).by(&self.credential);
        let answer = self.http.exchange(&self.hop, exchange).await?;
        self.outcomes_of(answer, id, subscriptions)
    }

    /// `GET /v1/notifications/{id}`: the outcomes so far.
    pub(crate) async fn outcomes(
        &self,
        id: &str,
        subscriptions: &HashSet<String>,
    ) -> Result<OutcomesAnswer, ClientError> {
        let exchange = Exchange::get(format!("/v1/notifications/{id}")).by(&self.credential);
        let answer = self.http.exchange(&self.hop, exchange).await?;
        self.outcomes_of(answer, id, subscriptions)
    }

    fn outcomes_of(
        &self,
        answer: Answer,
        id: &str,
        asked: &HashSet<String>,
    ) -> Result<OutcomesAnswer, ClientError> {
        let mut answer: OutcomesAnswer = answer.document(&self.hop)?;
        let not_asked = |problem| Err(ClientError::NotAsked { hop: self.hop.clone(), problem });
        if answer.id != id {
            return not_asked(format!("notification {} instead of {id}", printable(&answer.id)));
        }
        let mut answered = HashSet::with_capacity(asked.len());
        for target in &mut answer.targets {
            if !asked.contains(&target.subscription) {
                return not_asked(format!(
                    "subscription {}, which is no target",
                    printable(&target.subscription)
                ));
            }
            if !answered.insert(target.subscription.clone()) {
                return not_asked(format!("subscription {} twice", target.subscription));
            }
            target.outcome = printable(&target.outcome);
            for text in [&mut target.reason, &mut target.form, &mut target.at].into_iter().flatten() {
                *text = printable(text);
            }
        }
        match asked.iter().find(|subscription| !answered.contains(*subscription)) {
            Some(missing) => not_asked(format!("it says nothing of subscription {missing}")),
            None => Ok(answer),
        }
    }
}

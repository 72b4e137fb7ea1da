//! What a sender's administrator asks of a relay: to join, and to read and change its own sender.

use http::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ClientError, Exchange, Hop, HttpClient};
use crate::api::{PreviewDocument, ReceiptDocument, SharingDocument, SharingRequest, UsageDocument};
use crate::base::Secret;
use crate::model::{ContentPolicy, CredentialId, Scope, SenderState};

/// The calls under `/v1/senders`.
pub(crate) struct OwnSenderClient {
    http: HttpClient,
    hop: Hop,
    credential: Secret<String>,
}

/// `POST /v1/senders`: a server that drew its credential asks to join.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct JoinRequest {
    /// Its name.
    pub(crate) name: String,
    /// The invite's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) invite: Option<String>,
    /// Its content policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_policy: Option<ContentPolicy>,
    /// The credential that it drew.
    pub(crate) credential_id: String,
    /// SHA-256 of that one's secret, base64url.
    pub(crate) secret_hash: String,
}

/// What is to be changed.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ChangeRequest {
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// The content policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_policy: Option<ContentPolicy>,
}

/// A credential that the administrator drew.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CredentialRequest {
    /// What it shall allow.
    pub(crate) scopes: Vec<Scope>,
    /// For how many seconds it shall count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires_in: Option<u64>,
    /// Its id.
    pub(crate) id: String,
    /// SHA-256 of its secret, base64url.
    pub(crate) secret_hash: String,
}

/// The sender, as the relay knows it. What the relay words is printed through `printable`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct OwnSenderAnswer {
    /// Its id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    /// Whether it may use the relay.
    pub(crate) state: SenderState,
    /// Its content policy.
    pub(crate) content_policy: ContentPolicy,
    /// The day on which it was made.
    pub(crate) created_day: String,
    /// The credential that was shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) credential: Option<CredentialAnswer>,
}

/// A credential, without its secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CredentialAnswer {
    /// Its id.
    pub(crate) id: String,
    /// What it allows.
    pub(crate) scopes: Vec<Scope>,
    /// When it stops counting.
    pub(crate) expires_at: Option<String>,
    /// The day on which it was last used.
    pub(crate) last_used_day: Option<String>,
}

/// A page of what the relay holds, each line as the relay words it.
#[derive(Debug, Deserialize)]
pub(crate) struct ExportAnswer {
    /// Rows.
    pub(crate) rows: Vec<Value>,
    /// What is not shown; on the first page.
    #[serde(default)]
    pub(crate) not_shown: Vec<Value>,
    /// The next page.
    pub(crate) next: Option<String>,
}

#[derive(Deserialize)]
struct JoinAnswer {
    id: String,
    credential_id: String,
}

#[derive(Deserialize)]
struct ListAnswer {
    credentials: Vec<CredentialAnswer>,
}

#[derive(Deserialize)]
struct AddedAnswer {
    id: String,
}

impl OwnSenderClient {
    /// The client of the sender that holds `credential`, or will.
    #[must_use]
    pub(crate) fn new(http: HttpClient, hop: Hop, credential: Secret<String>) -> Self {
        Self { http, hop, credential }
    }

    /// The same with another credential.
    #[must_use]
    pub(crate) fn with(&self, credential: Secret<String>) -> Self {
        Self { http: self.http.clone(), hop: self.hop.clone(), credential }
    }

    /// Joins: the sender's id. The same request again gets the same answer.
    pub(crate) async fn join(&self, request: &JoinRequest) -> Result<String, ClientError> {
        let answer = self.http.exchange(&self.hop, Exchange::post("/v1/senders", request)).await?;
        let answer: JoinAnswer = answer.document(&self.hop)?;
        self.asked_for(&answer.credential_id, &request.credential_id)?;
        Ok(answer.id)
    }

    /// The sender.
    pub(crate) async fn show(&self) -> Result<OwnSenderAnswer, ClientError> {
        let exchange = Exchange::get("/v1/senders/self").by(&self.credential);
        self.http.exchange(&self.hop, exchange).await?.document(&self.hop)
    }

    /// Changes the sender.
    pub(crate) async fn change(&self, request: &ChangeRequest) -> Result<OwnSenderAnswer, ClientError> {
        let exchange = Exchange { method: Method::PATCH, ..Exchange::post("/v1/senders/self", request) };
        self.http.exchange(&self.hop, exchange.by(&self.credential)).await?.document(&self.hop)
    }

    /// Erases the sender.
    pub(crate) async fn erase(&self) -> Result<ReceiptDocument, ClientError> {
        let exchange = Exchange { method: Method::DELETE, ..Exchange::get("/v1/senders/self") };
        self.http.exchange(&self.hop, exchange.by(&self.credential)).await?.document(&self.hop)
    }

    /// What the relay holds about the sender: the page after `after`, or the first.
    pub(crate) async fn export(&self, after: Option<&str>) -> Result<ExportAnswer, ClientError> {
        let query = after.map_or(String::new(), |after| format!("?after={after}"));
        let exchange = Exchange::get(format!("/v1/senders/self/export{query}")).by(&self.credential);
        self.http.exchange(&self.hop, exchange).await?.document(&self.hop)
    }

    /// The sender's credentials.
    pub(crate) async fn credentials(&self) -> Result<Vec<CredentialAnswer>, ClientError> {
        let exchange = Exchange::get("/v1/senders/self/credentials").by(&self.credential);
        let answer: ListAnswer = self.http.exchange(&self.hop, exchange).await?.document(&self.hop)?;
        Ok(answer.credentials)
    }

    /// Adds a credential. The same request again adds nothing.
    pub(crate) async fn add_credential(&self, request: &CredentialRequest) -> Result<(), ClientError> {
        let exchange = Exchange::post("/v1/senders/self/credentials", request).by(&self.credential);
        let answer: AddedAnswer = self.http.exchange(&self.hop, exchange).await?.document(&self.hop)?;
        self.asked_for(&answer.id, &request.id)
    }

    /// Removes a credential.
    pub(crate) async fn remove_credential(&self, id: CredentialId) -> Result<(), ClientError> {
        self.delete(format!("/v1/senders/self/credentials/{id}")).await
    }

    /// What the sender shares, and what it may.
    pub(crate) async fn sharing(&self) -> Result<SharingDocument, ClientError> {
        self.read("/v1/senders/self/sharing").await
    }

    /// What would be stored if all of it were shared.
    pub(crate) async fn preview_sharing(&self) -> Result<PreviewDocument, ClientError> {
        self.read("/v1/senders/self/sharing/preview").await
    }

    /// Shares what is named, and nothing else.
    pub(crate) async fn share(&self, request: &SharingRequest) -> Result<SharingDocument, ClientError> {
        let exchange =
            Exchange { method: Method::PUT, ..Exchange::post("/v1/senders/self/sharing", request) };
        self.http.exchange(&self.hop, exchange.by(&self.credential)).await?.document(&self.hop)
    }

    /// What is stored because it is shared.
    pub(crate) async fn usage(&self) -> Result<UsageDocument, ClientError> {
        self.read("/v1/senders/self/usage").await
    }

    /// Erases the figures.
    pub(crate) async fn erase_usage(&self) -> Result<(), ClientError> {
        self.delete("/v1/senders/self/usage".to_owned()).await
    }

    async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        let exchange = Exchange::get(path).by(&self.credential);
        self.http.exchange(&self.hop, exchange).await?.document(&self.hop)
    }

    async fn delete(&self, path: String) -> Result<(), ClientError> {
        let exchange = Exchange { method: Method::DELETE, ..Exchange::get(path) };
        self.http.exchange(&self.hop, exchange.by(&self.credential)).await?.done(&self.hop)
    }

    fn asked_for(&self, answered: &str, asked: &str) -> Result<(), ClientError> {
        if answered == asked {
            return Ok(());
        }
        let problem = "another credential than the one that was drawn here".to_owned();
        Err(ClientError::NotAsked { hop: self.hop.clone(), problem })
    }
}

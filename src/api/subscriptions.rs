//! `/v1/subscriptions`: one sender's right to reach one registration.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};

use super::{Api, fields};
use crate::intake::SubscriptionOwner;
use crate::model::{Scope, Subscription, TokenKindPrefix};
use crate::web::{PathId, Problem, bearer_token, json_from, read_body};

/// The largest body of this resource, in bytes.
const BODY: usize = 4 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateRequest {
    subscription: String,
    sender: String,
    subscription_key: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetKeyRequest {
    subscription_key: Option<String>,
}

/// What is shown of a subscription. Never its key: who seals has it from the app.
#[derive(Serialize)]
pub(super) struct Document {
    subscription: String,
    state: &'static str,
    relay_may_seal: bool,
    used: bool,
    created_day: String,
}

impl From<&Subscription> for Document {
    fn from(subscription: &Subscription) -> Self {
        Self {
            subscription: subscription.id.to_string(),
            // An ended subscription is erased: what is found is active.
            state: "active",
            relay_may_seal: subscription.relay_key.is_some(),
            used: subscription.used,
            created_day: subscription.created_day.to_string(),
        }
    }
}

/// `POST /v1/registrations/{id}/subscriptions`, by the app that holds the registration.
pub(super) async fn create(
    State(api): State<Arc<Api>>,
    PathId(id): PathId,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let registration = api.authenticate.registration(bearer_token(&headers), fields::path_id(&id)?).await?;
    let bytes = read_body(body, BODY, api.limits.request).await?;
    let request: CreateRequest = json_from(&headers, &bytes)?;
    let subscription = fields::subscription_id(&request.subscription)?;
    let sender = fields::sender_id(&request.sender)?;
    let relay_key = request.subscription_key.as_deref().map(fields::relay_key).transpose()?;
    let created = api.subscribe.subscribe(&registration, sender, subscription, relay_key).await?;
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(serde_json::json!({"subscription": subscription.to_string()}))).into_response())
}

/// `GET /v1/subscriptions/{id}`, by its sender or its app.
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    PathId(id): PathId,
    headers: HeaderMap,
) -> Result<Json<Document>, Problem> {
    let owner = owner(&api, &headers).await?;
    let subscription = api.subscribe.find(&owner, fields::path_id(&id)?).await?;
    Ok(Json(Document::from(&subscription)))
}

/// `PUT /v1/subscriptions/{id}`, by its app: sets the key under which the relay may seal; without the member, the
/// relay forgets the key.
pub(super) async fn set_key(
    State(api): State<Arc<Api>>,
    PathId(id): PathId,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let registration = api.authenticate.any_registration(bearer_token(&headers)).await?;
    let bytes = read_body(body, BODY, api.limits.request).await?;
    let request: SetKeyRequest = json_from(&headers, &bytes)?;
    let relay_key = request.subscription_key.as_deref().map(fields::relay_key).transpose()?;
    api.subscribe.set_relay_key(registration, fields::path_id(&id)?, relay_key.as_ref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /v1/subscriptions/{id}`, by its sender or its app.
pub(super) async fn remove(
    State(api): State<Arc<Api>>,
    PathId(id): PathId,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let owner = owner(&api, &headers).await?;
    api.subscribe.remove(&owner, fields::path_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The bearer token's prefix tells whether a sender or an app asks.
async fn owner(api: &Api, headers: &HeaderMap) -> Result<SubscriptionOwner, Problem> {
    let token = bearer_token(headers);
    if token.is_some_and(|token| token.starts_with(TokenKindPrefix::Registration.as_str())) {
        return Ok(SubscriptionOwner::App(api.authenticate.any_registration(token).await?));
    }
    Ok(SubscriptionOwner::Sender(api.authenticate.sender(token, Scope::Register).await?.id))
}

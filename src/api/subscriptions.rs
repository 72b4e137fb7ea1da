//! `/v1/subscriptions`: one sender's right to reach one registration.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::{HeaderMap, StatusCode};
use sealpush_seal::registration::SealedRegistration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::receipt::ReceiptDocument;
use super::registration_code::RegistrationState;
use super::{Api, fields};
use crate::intake::{Asker, RegisterSealedError, SubscriptionOwner};
use crate::model::{Scope, Subscription, TokenKindPrefix};
use crate::web::{PathId, Problem, bearer_token, json_from, read_body};

/// The largest body of this resource, in bytes.
const BODY: usize = 4 * 1024;

/// A subscription that an app makes for one sender.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSubscription)]
struct CreateRequest {
    /// A v4 UUID that the device draws.
    #[schema(format = Uuid)]
    subscription: String,
    /// The sender's id, which the app gets from its own server.
    #[schema(format = Uuid)]
    sender: String,
    /// The subscription's X25519 public key in base64url, only where the relay may seal.
    #[schema(min_length = 43, max_length = 43)]
    subscription_key: Option<String>,
}

/// The key under which the relay may seal.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SubscriptionKey)]
struct SetKeyRequest {
    /// An X25519 public key in base64url. Where it is left out, the relay forgets the key.
    #[schema(min_length = 43, max_length = 43)]
    subscription_key: Option<String>,
}

/// A subscription that was made.
#[derive(Serialize, ToSchema)]
#[schema(as = SubscriptionMade)]
struct Created {
    /// The id that the device drew.
    #[schema(format = Uuid)]
    subscription: String,
}

/// What is shown of a subscription. Never its key: who seals has it from the app.
#[derive(Serialize, ToSchema)]
#[schema(as = Subscription)]
pub(super) struct Document {
    /// Its id.
    #[schema(format = Uuid)]
    subscription: String,
    /// Whether its registration can be reached.
    state: RegistrationState,
    /// Whether the app gave the relay a key for it.
    relay_may_seal: bool,
    /// Whether a notification was accepted for it.
    used: bool,
    /// The day on which it was made.
    #[schema(format = Date)]
    created_day: String,
}

impl Document {
    fn of(subscription: &Subscription, is_pending: bool) -> Self {
        Self {
            subscription: subscription.id.to_string(),
            // An ended subscription is erased: what is found is one of the two.
            state: if is_pending { RegistrationState::Pending } else { RegistrationState::Active },
            relay_may_seal: subscription.relay_key.is_some(),
            used: subscription.used,
            created_day: subscription.created_day.to_string(),
        }
    }
}

/// What an app handed to its own server for the relay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SealedSubscription)]
struct CreateSealedRequest {
    /// A sealed registration, base64url: 1,443 or 2,808 characters.
    #[schema(max_length = 2808)]
    sealed_registration: String,
}

/// A subscription that was made from a sealed registration.
#[derive(Serialize, ToSchema)]
#[schema(as = SealedSubscriptionMade)]
struct CreatedSealed {
    /// The id that the device drew.
    #[schema(format = Uuid)]
    subscription: String,
    /// Whether its registration can be reached.
    state: RegistrationState,
}

/// Makes a subscription from a sealed registration.
///
/// By a sender (scope `register`): it hands on what its app sealed for the relay, and learns nothing of the device. The
/// same bytes again get the stored answer until 24 hours after the app made them.
#[utoipa::path(
    post, path = "/v1/subscriptions", tag = "subscriptions", operation_id = "subscribe_sealed", request_body = CreateSealedRequest,
    responses((status = 201, body = CreatedSealed, description = "Made"), (status = 200, body = CreatedSealed, description = "The same bytes came before")),
    security(("sender" = []))
)]
pub(super) async fn create_sealed(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let sender = api.authenticate.sender(&asker, bearer_token(&headers), Scope::Register).await?;
    let bytes = read_body(body, BODY, api.limits.get().request).await?;
    let request: CreateSealedRequest = json_from(&headers, &bytes)?;
    let sealed = SealedRegistration::from_base64url(&request.sealed_registration)
        .map_err(RegisterSealedError::from)?;
    let made = api.register_sealed.register(sender.id, &sealed).await?;
    let status = if made.created { StatusCode::CREATED } else { StatusCode::OK };
    let state = if made.pending { RegistrationState::Pending } else { RegistrationState::Active };
    let created = CreatedSealed { subscription: made.subscription.to_string(), state };
    Ok((status, Json(created)).into_response())
}

/// Makes a subscription for one sender.
///
/// By the app that holds the registration. The app then hands the id and its public key to its own server.
#[utoipa::path(
    post, path = "/v1/registrations/{id}/subscriptions", tag = "subscriptions", operation_id = "subscribe", params(PathId),
    request_body = CreateRequest,
    responses((status = 201, body = Created, description = "Made"), (status = 200, body = Created, description = "It was made before")),
    security(("registration" = []))
)]
pub(super) async fn create(
    State(api): State<Arc<Api>>,
    PathId(id): PathId,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let registration = api.authenticate.registration(bearer_token(&headers), fields::path_id(&id)?).await?;
    let bytes = read_body(body, BODY, api.limits.get().request).await?;
    let request: CreateRequest = json_from(&headers, &bytes)?;
    let subscription = fields::subscription_id(&request.subscription)?;
    let sender = fields::sender_id(&request.sender)?;
    let relay_key = request.subscription_key.as_deref().map(fields::relay_key).transpose()?;
    let created = api.subscribe.subscribe(&registration, sender, subscription, relay_key).await?;
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(Created { subscription: subscription.to_string() })).into_response())
}

/// Reads a subscription.
///
/// By its sender (scope `register`) or its app. Another sender's subscription does not exist.
#[utoipa::path(
    get, path = "/v1/subscriptions/{id}", tag = "subscriptions", operation_id = "read_subscription", params(PathId),
    responses((status = 200, body = Document)), security(("sender" = ["register"]), ("registration" = []))
)]
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
    PathId(id): PathId,
    headers: HeaderMap,
) -> Result<Json<Document>, Problem> {
    let owner = owner(&api, &asker, &headers).await?;
    let subscription = api.subscribe.find(&owner, fields::path_id(&id)?).await?;
    let registration = api.subscribe.registration_of(&subscription).await?;
    let is_pending = registration.is_some_and(|registration| api.prove.is_pending(&registration));
    Ok(Json(Document::of(&subscription, is_pending)))
}

/// Sets or removes the key under which the relay may seal.
///
/// By the subscription's app.
#[utoipa::path(
    put, path = "/v1/subscriptions/{id}", tag = "subscriptions", operation_id = "set_subscription_key", params(PathId),
    request_body = SetKeyRequest, responses((status = 204, description = "Set")), security(("registration" = []))
)]
pub(super) async fn set_key(
    State(api): State<Arc<Api>>,
    PathId(id): PathId,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let registration = api.authenticate.any_registration(bearer_token(&headers)).await?;
    let bytes = read_body(body, BODY, api.limits.get().request).await?;
    let request: SetKeyRequest = json_from(&headers, &bytes)?;
    let relay_key = request.subscription_key.as_deref().map(fields::relay_key).transpose()?;
    api.subscribe.set_relay_key(registration, fields::path_id(&id)?, relay_key.as_ref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a subscription.
///
/// By its sender (scope `register`) or its app. The answer is the receipt.
#[utoipa::path(
    delete, path = "/v1/subscriptions/{id}", tag = "subscriptions", operation_id = "remove_subscription", params(PathId),
    responses((status = 200, body = ReceiptDocument, description = "Removed")), security(("sender" = ["register"]), ("registration" = []))
)]
pub(super) async fn remove(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
    PathId(id): PathId,
    headers: HeaderMap,
) -> Result<Json<ReceiptDocument>, Problem> {
    let (owner, id) = (owner(&api, &asker, &headers).await?, fields::path_id(&id)?);
    let (at, erased) = api.subscribe.remove(&owner, id).await?;
    Ok(Json(ReceiptDocument::new("subscription", id, at, erased)))
}

/// The bearer token's prefix tells whether a sender or an app asks.
async fn owner(api: &Api, asker: &Asker, headers: &HeaderMap) -> Result<SubscriptionOwner, Problem> {
    let token = bearer_token(headers);
    if token.is_some_and(|token| token.starts_with(TokenKindPrefix::Registration.as_str())) {
        return Ok(SubscriptionOwner::App(api.authenticate.any_registration(token).await?));
    }
    Ok(SubscriptionOwner::Sender(api.authenticate.sender(asker, token, Scope::Register).await?.id))
}

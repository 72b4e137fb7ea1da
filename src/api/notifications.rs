//! `/v1/notifications`: submissions and their outcomes.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::notification_request::NotificationRequest;
use super::sharing::user_agent;
use super::{Api, fields};
use crate::intake::{Asker, Submission};
use crate::model::{Form, NotificationId, NotificationState, Reason, Scope};
use crate::web::{PathId, Problem, bearer_token, json_from, read_body};

/// What is known of a notification. Targets that ended come first.
#[derive(Serialize, ToSchema)]
#[schema(as = NotificationOutcomes)]
struct Document<'a> {
    /// The notification's id.
    #[schema(format = Uuid)]
    id: String,
    /// In no promised order.
    targets: Vec<Target<'a>>,
}

/// What is known of one target.
#[derive(Serialize, ToSchema)]
#[schema(as = TargetOutcome)]
struct Target<'a> {
    /// The target's subscription.
    #[schema(format = Uuid)]
    subscription: String,
    /// `pending`, or how it ended: `accepted` (by the push service), `gone`, `expired`, `rejected`, `replaced`,
    /// `withdrawn`.
    outcome: &'a str,
    /// Why, with `gone` and `rejected`: a name of the relay's or the push service's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    reason: Option<&'a str>,
    /// In which form its content went out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Form, required = false, nullable = false)]
    form: Option<&'static str>,
    /// When it was decided; with `subscription_ended`, the first moment of that day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = DateTime)]
    at: Option<String>,
}

impl<'a> Document<'a> {
    fn new(id: NotificationId, state: &'a NotificationState) -> Self {
        let decided = state.decided.iter().map(|target| Target {
            subscription: target.subscription.to_string(),
            outcome: target.outcome.as_str(),
            reason: target.outcome.reason().map(Reason::as_str),
            form: target.form.map(Form::as_str),
            at: Some(target.at.to_string()),
        });
        let pending = state.pending.iter().map(|(subscription, form)| Target {
            subscription: subscription.to_string(),
            outcome: "pending",
            reason: None,
            form: Some(form.as_str()),
            at: None,
        });
        Self { id: id.to_string(), targets: decided.chain(pending).collect() }
    }
}

/// Notifies.
///
/// By a sender (scope `notify`). A request that is repeated with the same id and body joins the first, or gets its
/// stored answer.
#[utoipa::path(
    post, path = "/v1/notifications", tag = "notifications", operation_id = "notify", request_body = NotificationRequest<'_>,
    responses(
        (status = 200, body = Document<'_>, description = "Every target is decided"),
        (status = 202, body = Document<'_>, description = "What is pending is on stable storage"),
    ),
    security(("sender" = ["notify"]))
)]
pub(super) async fn create(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let sender = api.authenticate.sender(&asker, bearer_token(&headers), Scope::Notify).await?;
    api.sharing.note_software(sender.id, || user_agent(&headers));
    // Before the body: what cannot be kept need not be sent.
    api.submit.check_room(sender.id, 1)?;
    let limits = *api.limits.get();
    let (body, _share) = api.bodies.of_sender(sender.id, body, limits.notification_body);
    let bytes = read_body(body, limits.notification_body, limits.request).await?;
    let submission: Submission = json_from::<NotificationRequest<'_>>(&headers, &bytes)?.into_submission(
        sender,
        api.submit.body_hash(&bytes),
        limits,
    )?;
    // The body may hold readable content; from here on only the submission does.
    drop(bytes);
    let answer = api.submit.submit(submission).await?;
    let decided = answer.state.pending.is_empty() && !answer.promised;
    let status = if decided { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok((status, Json(Document::new(answer.id, &answer.state))).into_response())
}

/// Reads what is known of a notification.
///
/// By its sender (scope `notify`), as long as outcomes are kept.
#[utoipa::path(
    get, path = "/v1/notifications/{id}", tag = "notifications", operation_id = "read_notification", params(PathId),
    responses((status = 200, body = Document<'_>)), security(("sender" = ["notify"]))
)]
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
    PathId(id): PathId,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let sender = api.authenticate.sender(&asker, bearer_token(&headers), Scope::Notify).await?;
    let id = fields::path_id(&id)?;
    let state = api.outcomes.find(sender, id).await?;
    Ok(Json(Document::new(id, &state)).into_response())
}

/// Withdraws what has not gone out yet.
///
/// By its sender (scope `notify`). What waits ends `withdrawn`; what a push service is being offered at this moment ends
/// as it ends, and is not offered again. Answers what is known then.
#[utoipa::path(
    delete, path = "/v1/notifications/{id}", tag = "notifications", operation_id = "withdraw_notification",
    params(PathId), responses((status = 200, body = Document<'_>)), security(("sender" = ["notify"]))
)]
pub(super) async fn withdraw(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
    PathId(id): PathId,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let sender = api.authenticate.sender(&asker, bearer_token(&headers), Scope::Notify).await?;
    let id = fields::path_id(&id)?;
    let state = api.withdraw.withdraw(sender, id).await?;
    Ok(Json(Document::new(id, &state)).into_response())
}

//! `/v1/notifications`: submissions and their outcomes.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use super::notification_request::NotificationRequest;
use super::{Api, fields};
use crate::intake::Submission;
use crate::model::{Form, NotificationId, NotificationState, Reason, Scope};
use crate::web::{PathId, Problem, bearer_token, json_from, read_body};

/// What is known of a notification. Targets that ended come first.
#[derive(Serialize)]
struct Document<'a> {
    id: String,
    targets: Vec<Target<'a>>,
}

#[derive(Serialize)]
struct Target<'a> {
    subscription: String,
    outcome: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    form: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
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

/// `POST /v1/notifications`, by a sender.
pub(super) async fn create(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let sender = api.authenticate.sender(bearer_token(&headers), Scope::Notify).await?;
    let bytes = read_body(body, api.limits.notification_body, api.limits.request).await?;
    let submission: Submission = json_from::<NotificationRequest<'_>>(&headers, &bytes)?.into_submission(
        sender,
        api.submit.body_hash(&bytes),
        api.limits,
    )?;
    // The body may hold readable content; from here on only the submission does.
    drop(bytes);
    let answer = api.submit.submit(submission).await?;
    let decided = answer.state.pending.is_empty() && !answer.promised;
    let status = if decided { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok((status, Json(Document::new(answer.id, &answer.state))).into_response())
}

/// `GET /v1/notifications/{id}`, by its sender.
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    PathId(id): PathId,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let sender = api.authenticate.sender(bearer_token(&headers), Scope::Notify).await?;
    let id = fields::path_id(&id)?;
    let state = api.outcomes.find(sender, id).await?;
    Ok(Json(Document::new(id, &state)).into_response())
}

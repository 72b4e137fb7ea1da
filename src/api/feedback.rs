//! `/v1/feedback`: which of a sender's subscriptions ended.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Api;
use crate::intake::Asker;
use crate::model::{FeedbackCursor, FeedbackEntry, Scope};
use crate::web::{Problem, QueryOf, bearer_token};

/// The longest that an answer is held back for: proxies give up on connections that are silent for longer.
const LONGEST: u64 = 60;

/// Where to begin, and how long to wait.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Question {
    /// The `cursor` of the last answer: what that one said is acknowledged, and erased. Without it, all that is kept.
    #[param(min_length = 22, max_length = 22, pattern = "^[A-Za-z0-9_-]{21}[AQgw]$")]
    after: Option<String>,
    /// Seconds to wait for the next end, where there is none; 0 where it is left out.
    #[param(maximum = 60)]
    wait: Option<u64>,
}

/// Subscriptions that ended.
#[derive(Serialize, ToSchema)]
#[schema(as = Feedback)]
struct Document {
    /// At most 1,000, the oldest first; none where nothing ended in time.
    subscriptions: Vec<EndedSubscription>,
    /// The `after` of the next question.
    #[schema(required = true)]
    cursor: Option<String>,
}

/// A subscription that ended.
#[derive(Serialize, ToSchema)]
#[schema(as = EndedSubscription)]
struct EndedSubscription {
    /// The subscription.
    #[schema(format = Uuid)]
    subscription: String,
    /// `unregistered`: the push service says that its device token is dead. `expired`: nobody used it for too long.
    /// `removed`: its app or its sender removed it.
    ended: &'static str,
    /// The day in UTC.
    #[schema(format = Date)]
    day: String,
}

impl From<&FeedbackEntry> for EndedSubscription {
    fn from(entry: &FeedbackEntry) -> Self {
        Self {
            subscription: entry.subscription.to_string(),
            ended: entry.end.as_str(),
            day: entry.day.to_string(),
        }
    }
}

/// Says which subscriptions ended.
///
/// By a sender (scope `register`). With `wait` the answer is held back until one does, so that a sender that asks again
/// and again knows of each end at once. Each is kept until the question after it, at most 30 days.
#[utoipa::path(
    get, path = "/v1/feedback", tag = "subscriptions", operation_id = "read_feedback", params(Question),
    responses((status = 200, body = Document)), security(("sender" = ["register"]))
)]
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
    QueryOf(Question { after, wait }): QueryOf<Question>,
) -> Result<Response, Problem> {
    let sender = api.authenticate.sender(&asker, bearer_token(&headers), Scope::Register).await?;
    let after: Option<FeedbackCursor> =
        after.as_deref().map(str::parse).transpose().map_err(|error| invalid_query(format!("{error}.")))?;
    let wait = wait.unwrap_or(0);
    if wait > LONGEST {
        return Err(invalid_query(format!("wait is 0 to {LONGEST} seconds.")));
    }
    let entries = api.feedback.poll(sender, after, Duration::from_secs(wait)).await?;
    let cursor = entries.last().map(|entry| entry.cursor).or(after);
    let document = Document {
        subscriptions: entries.iter().map(EndedSubscription::from).collect(),
        cursor: cursor.map(|cursor| cursor.to_string()),
    };
    Ok(Json(document).into_response())
}

fn invalid_query(detail: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid_query", detail)
}

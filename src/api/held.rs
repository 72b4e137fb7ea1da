//! `…/export`: what is held about a sender, and on a registration.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};

use super::{Api, fields};
use crate::intake::Asker;
use crate::model::{Form, Held, HeldCursor, HeldPage, HeldRow, Reason, Scope};
use crate::privacy::rights::{NOT_SHOWN_TO_APPS, NOT_SHOWN_TO_SENDERS, NotShown};
use crate::web::{PathId, Problem, QueryOf, bearer_token};

/// Where to begin.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Question {
    /// The `next` of the answer before; from the first row on where it is left out.
    // Base64url without trailing bits, of 33 bytes at most.
    #[param(
        min_length = 2,
        max_length = 44,
        pattern = "^([A-Za-z0-9_-]{4}){0,10}([A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048]|[A-Za-z0-9_-]{4})$"
    )]
    after: Option<String>,
}

/// What is held about somebody: a page of it.
#[derive(Serialize, ToSchema)]
#[schema(as = Export)]
pub(super) struct Document {
    /// Rows of the relay's tables, 500 at most.
    rows: Vec<Row>,
    /// What is held and not shown, on the first page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    not_shown: Option<Vec<Withheld>>,
    /// The `after` of the next page; null on the last one.
    #[schema(required = true)]
    next: Option<String>,
}

/// A row of a table.
#[derive(Serialize, ToSchema)]
#[schema(as = ExportedRow)]
struct Row {
    /// The table, as `GET /v1/privacy` and `docs/DATA_MODEL.md` name it.
    table: &'static str,
    /// Its columns with their values: texts, numbers, true or false, null, lists.
    #[schema(value_type = Object)]
    values: Map<String, Value>,
}

/// A column that is held and not shown.
#[derive(Serialize, ToSchema)]
#[schema(as = NotShown)]
struct Withheld {
    /// The table.
    table: &'static str,
    /// The column.
    column: &'static str,
    /// Why not.
    why: &'static str,
}

impl From<HeldRow> for Row {
    fn from(row: HeldRow) -> Self {
        let values = row.values.into_iter().map(|(name, value)| (name.to_owned(), shown(value)));
        Self { table: row.table, values: values.collect() }
    }
}

fn shown(value: Held) -> Value {
    match value {
        Held::None => Value::Null,
        Held::Text(text) => text.into(),
        Held::Number(number) => number.into(),
        Held::Flag(flag) => flag.into(),
        Held::Names(names) => names.into(),
        Held::Outcomes(outcomes) => outcomes
            .iter()
            .map(|target| {
                json!({
                    "subscription": target.subscription.to_string(),
                    "outcome": target.outcome.as_str(),
                    "form": target.form.map(Form::as_str),
                    "reason": target.outcome.reason().map(Reason::as_str),
                    "at": target.at.to_string(),
                })
            })
            .collect(),
    }
}

/// Exports what is held about the sender.
///
/// By itself, with the scope `admin`, also while it is suspended: every row of every table that is linked to it, page by
/// page, and what of them is not shown, with why. Pages are of their moment each.
#[utoipa::path(
    get, path = "/v1/senders/self/export", tag = "senders", operation_id = "export_sender", params(Question),
    responses((status = 200, body = Document)), security(("sender" = ["admin"]))
)]
pub(super) async fn of_sender(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
    QueryOf(question): QueryOf<Question>,
) -> Result<Json<Document>, Problem> {
    let by = api.authenticate.even_suspended(&asker, bearer_token(&headers), Some(Scope::Admin)).await?;
    let after = question.cursor()?;
    let page = api.held.sender(&by, after.as_ref()).await?;
    Ok(document(page, after.is_none().then_some(NOT_SHOWN_TO_SENDERS)))
}

/// Exports what is held on a registration.
///
/// By the app that holds it: every row of every table that is linked to it, page by page, and what of them is not shown,
/// with why. Pages are of their moment each.
#[utoipa::path(
    get, path = "/v1/registrations/{id}/export", tag = "registrations", operation_id = "export_registration",
    params(PathId, Question), responses((status = 200, body = Document)), security(("registration" = []))
)]
pub(super) async fn on_registration(
    State(api): State<Arc<Api>>,
    PathId(id): PathId,
    headers: HeaderMap,
    QueryOf(question): QueryOf<Question>,
) -> Result<Json<Document>, Problem> {
    let registration = api.authenticate.registration(bearer_token(&headers), fields::path_id(&id)?).await?;
    let after = question.cursor()?;
    let page = api.held.registration(&registration, after.as_ref()).await?;
    Ok(document(page, after.is_none().then_some(NOT_SHOWN_TO_APPS)))
}

impl Question {
    fn cursor(&self) -> Result<Option<HeldCursor>, Problem> {
        let cursor = self.after.as_deref().map(str::parse).transpose();
        cursor.map_err(|error| Problem::new(StatusCode::BAD_REQUEST, "invalid_query", format!("{error}.")))
    }
}

fn document(page: HeldPage, not_shown: Option<&[NotShown]>) -> Json<Document> {
    let not_shown = not_shown.map(|columns| {
        let columns = columns.iter();
        columns.map(|NotShown { table, column, why }| Withheld { table, column, why }).collect()
    });
    let rows = page.rows.into_iter().map(Row::from).collect();
    Json(Document { rows, not_shown, next: page.next.map(|next| next.to_string()) })
}

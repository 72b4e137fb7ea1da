//! `GET /v1/privacy`: everything that the relay keeps, holds, sends and says of itself, for programs and for people.
//!
//! Made once for each config and sent from there. Must not look into the store. Read next: `document.rs`, what it says;
//! `page.rs`, how people see it.

mod document;
mod markdown;
mod page;

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderValue};

use super::Api;
use crate::web::{Preferred, Problem, json_or_page};

pub use document::{
    InventoryEntry, NotHiddenDocument, PrivacyApp, PrivacyDocument, PrivacySettings, RetentionTermDocument,
};
pub use markdown::privacy_markdown;
pub use page::{PrivacyPage, privacy_page};

/// The document in both forms, ready to be sent: a copy for each request would be a lot for each client that does not
/// read.
#[derive(Debug, Clone)]
pub struct ShownPrivacy {
    json: Bytes,
    page: Bytes,
    policy: HeaderValue,
}

impl ShownPrivacy {
    /// Both forms of `document`.
    pub(crate) fn of(document: &PrivacyDocument) -> Self {
        let PrivacyPage { html, policy } = privacy_page(document);
        let json = serde_json::to_vec(document).expect("texts and lists serialise into memory");
        let policy = HeaderValue::try_from(policy).expect("a policy is ASCII");
        Self { json: json.into(), page: html.into(), policy }
    }
}

/// Everything that the relay keeps, holds in memory, sends, answers and says of itself, and how it is set.
///
/// By anyone, without a credential. A browser gets it as a page.
#[utoipa::path(get, path = "/v1/privacy", tag = "relay", operation_id = "read_privacy", responses(
    (status = 200, description = "As JSON, or as a page where the client would rather have `text/html`.",
     content((PrivacyDocument = "application/json"), (String = "text/html"))),
))]
pub(super) async fn show(State(api): State<Arc<Api>>, headers: HeaderMap) -> Result<Response, Problem> {
    let shown = api.privacy.get();
    let vary = (VARY, HeaderValue::from_static("accept"));
    let kind = |kind| (CONTENT_TYPE, HeaderValue::from_static(kind));
    Ok(match json_or_page(&headers)? {
        Preferred::Json => ([kind("application/json"), vary], shown.json.clone()).into_response(),
        Preferred::Page => {
            let policy = (CONTENT_SECURITY_POLICY, shown.policy.clone());
            ([kind("text/html; charset=utf-8"), vary, policy], shown.page.clone()).into_response()
        }
    })
}

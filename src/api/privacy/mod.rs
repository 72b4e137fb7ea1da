//! `GET /v1/privacy`: everything that the relay keeps, holds, sends and says of itself, for programs and for people.
//!
//! Made once for each config and day, and sent from there. Read next: `document.rs`, what it says;
//! `page.rs`, how people see it.

mod document;
mod markdown;
mod page;

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderValue};

use super::Api;
use super::error::unavailable;
use crate::base::Live;
use crate::operator::{AuditHeads, DayHead};
use crate::web::{Preferred, Problem, json_or_page};

pub use document::{
    AuditHeadDocument, InventoryEntry, NotHiddenDocument, PrivacyApp, PrivacyDocument, PrivacySettings,
    RetentionTermDocument,
};
pub use markdown::privacy_markdown;
pub use page::{PrivacyPage, privacy_page};

/// The document in both forms, with the heads of the audit log.
pub struct ShownPrivacy {
    document: Live<PrivacyDocument>,
    audit_heads: AuditHeads,
    made: Mutex<Option<Made>>,
}

/// What was made, and from what: ready to be sent, because a copy for each request would be a lot for each client that
/// does not read.
struct Made {
    document: Arc<PrivacyDocument>,
    heads: Arc<[DayHead]>,
    forms: Forms,
}

#[derive(Clone)]
struct Forms {
    json: Bytes,
    page: Bytes,
    policy: HeaderValue,
}

impl ShownPrivacy {
    /// Shows `document` with these heads.
    pub(crate) fn new(document: Live<PrivacyDocument>, audit_heads: AuditHeads) -> Self {
        Self { document, audit_heads, made: Mutex::default() }
    }

    /// Both forms: the ones that were made last, where nothing is other than then.
    async fn now(&self) -> Result<Forms, Problem> {
        let (document, heads) = (self.document.get(), self.audit_heads.daily().await.map_err(unavailable)?);
        let mut last = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = &*last
            && Arc::ptr_eq(&made.document, &document)
            && Arc::ptr_eq(&made.heads, &heads)
        {
            return Ok(made.forms.clone());
        }
        let forms = Forms::of(&document, &heads);
        *last = Some(Made { document, heads, forms: forms.clone() });
        Ok(forms)
    }
}

impl Forms {
    fn of(document: &PrivacyDocument, heads: &[DayHead]) -> Self {
        let audit_heads = heads.iter().map(AuditHeadDocument::from).collect();
        let document = PrivacyDocument { audit_heads, ..document.clone() };
        let PrivacyPage { html, policy } = privacy_page(&document);
        let json = serde_json::to_vec(&document).expect("texts and lists serialise into memory");
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
    let shown = api.privacy.now().await?;
    let vary = (VARY, HeaderValue::from_static("accept"));
    let kind = |kind| (CONTENT_TYPE, HeaderValue::from_static(kind));
    Ok(match json_or_page(&headers)? {
        Preferred::Json => ([kind("application/json"), vary], shown.json).into_response(),
        Preferred::Page => {
            let policy = (CONTENT_SECURITY_POLICY, shown.policy);
            ([kind("text/html; charset=utf-8"), vary, policy], shown.page).into_response()
        }
    })
}

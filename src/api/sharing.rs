//! `/v1/senders/self/sharing`: what of its usage a sender shares.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::{Extension, Json};
use http::HeaderMap;
use http::header::USER_AGENT;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::usage::UsageDocument;
use super::{Api, fields};
use crate::intake::{Asker, Preview, SharingRules};
use crate::model::{Agreement, Category, ContactAddress, Scope, SharingMode, Software, WantedCategory};
use crate::web::{Problem, bearer_token, json_from, read_body};

/// The largest body of this resource, in bytes.
const BODY: usize = 4 * 1024;

/// What is shared from now on: a category that is left out, or null, is off, and what it had collected is erased.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SharingChange)]
pub struct SharingRequest {
    /// How many deliveries ended, by day, push service and outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<AgreeRequest>,
    /// How many subscriptions are in use, by day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub devices: Option<AgreeRequest>,
    /// Name and version of the server's software.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub software: Option<AgreeRequest>,
    /// An address for incidents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<AgreeContactRequest>,
}

/// That a category is shared.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Agree)]
pub struct AgreeRequest {
    /// The version of the wording that is agreed to: the present one, or the one that was agreed to before.
    #[schema(minimum = 1, maximum = 4_294_967_295_u64)]
    pub wording: u32,
}

/// That an address for incidents is shared.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AgreeContact)]
pub struct AgreeContactRequest {
    /// The version of the wording that is agreed to: the present one, or the one that was agreed to before.
    #[schema(minimum = 1, maximum = 4_294_967_295_u64)]
    pub wording: u32,
    /// An e-mail address, best a role's.
    #[schema(
        max_length = 254,
        pattern = "^[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$"
    )]
    pub address: String,
}

/// What a sender shares, and what it may share.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Sharing)]
pub struct SharingDocument {
    /// `locked_off`: the operator's config lets nobody share anything.
    pub mode: SharingMode,
    /// How many devices must be behind a count for it to be stored.
    pub least_devices: u32,
    /// For how many days figures are kept.
    pub kept_days: u16,
    /// All categories.
    pub categories: Vec<CategoryDocument>,
}

/// Whether a category is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SharingState)]
pub enum SharingState {
    /// It is not.
    Off,
    /// It is.
    On,
    /// It was agreed to in other words. Nothing is recorded until the present ones are agreed to.
    WordingChanged,
}

/// A category.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = SharingCategory)]
pub struct CategoryDocument {
    /// Which.
    pub category: Category,
    /// Whether it is shared.
    pub state: SharingState,
    /// The version of the wording that was agreed to; null where the category is off.
    #[schema(required = true)]
    pub agreed_wording: Option<u32>,
    /// When it was agreed to; null where the category is off.
    #[schema(required = true, format = DateTime)]
    pub agreed_at: Option<String>,
    /// Of `contact`, the address that is shared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub address: Option<String>,
    /// The present wording.
    pub wording: WordingDocument,
}

/// What an administrator agrees to.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Wording)]
pub struct WordingDocument {
    /// Its version.
    pub version: u32,
    /// What is stored, who reads it, and when it is erased.
    pub text: String,
}

/// What would be stored if everything were shared.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = SharingPreview)]
pub struct PreviewDocument {
    /// What would be stored now: made from the outcomes that the relay keeps, the subscriptions that it has, and this
    /// request's own User-Agent header.
    pub would_store: UsageDocument,
    /// How many counts of `volume` would not be stored, because too few devices are behind them.
    pub withheld: usize,
}

impl SharingDocument {
    fn new(rules: SharingRules, agreements: &[Agreement]) -> Self {
        let categories = Category::ALL.into_iter().map(|category| {
            let agreement = agreements.iter().find(|agreement| agreement.category == category);
            CategoryDocument::new(category, agreement)
        });
        let SharingRules { mode, least_devices, kept_days } = rules;
        Self { mode, least_devices, kept_days, categories: categories.collect() }
    }
}

impl CategoryDocument {
    fn new(category: Category, agreement: Option<&Agreement>) -> Self {
        let wording = category.wording();
        Self {
            category,
            state: match agreement {
                None => SharingState::Off,
                Some(agreement) if agreement.holds() => SharingState::On,
                Some(_) => SharingState::WordingChanged,
            },
            agreed_wording: agreement.map(|agreement| agreement.wording),
            agreed_at: agreement.map(|agreement| agreement.agreed_at.to_string()),
            address: agreement
                .and_then(|one| one.address.as_ref())
                .map(|address| address.as_str().to_owned()),
            wording: WordingDocument { version: wording.version, text: wording.text.to_owned() },
        }
    }
}

impl From<&Preview> for PreviewDocument {
    fn from(preview: &Preview) -> Self {
        Self { would_store: UsageDocument::from(&preview.records), withheld: preview.withheld }
    }
}

impl SharingRequest {
    fn wanted(self) -> Result<Vec<WantedCategory>, Problem> {
        let Self { volume, devices, software, contact } = self;
        let plain =
            [(Category::Volume, volume), (Category::Devices, devices), (Category::Software, software)];
        let mut wanted: Vec<_> = plain
            .into_iter()
            .filter_map(|(category, agree)| {
                agree.map(|AgreeRequest { wording }| WantedCategory { category, wording, address: None })
            })
            .collect();
        if let Some(AgreeContactRequest { wording, address }) = contact {
            let address: ContactAddress = fields::contact_address(&address)?;
            wanted.push(WantedCategory { category: Category::Contact, wording, address: Some(address) });
        }
        Ok(wanted)
    }
}

/// Reads what the sender shares.
///
/// By itself, with the scope `admin`. Everything is off until its administrator switches it on; the operator cannot.
#[utoipa::path(
    get, path = "/v1/senders/self/sharing", tag = "senders", operation_id = "read_sharing",
    responses((status = 200, body = SharingDocument)), security(("sender" = ["admin"]))
)]
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
) -> Result<Json<SharingDocument>, Problem> {
    let by = api.authenticate.even_suspended(&asker, bearer_token(&headers), Some(Scope::Admin)).await?;
    Ok(Json(SharingDocument::new(api.sharing.rules(), &api.sharing.show(&by).await?)))
}

/// Shares what is named, and nothing else.
///
/// By the sender itself, with the scope `admin`. Each category that is on names the version of the wording that its
/// administrator has read and agrees to. What is not named is off, and what it had collected is erased at once.
#[utoipa::path(
    put, path = "/v1/senders/self/sharing", tag = "senders", operation_id = "change_sharing",
    request_body = SharingRequest, responses((status = 200, body = SharingDocument)),
    security(("sender" = ["admin"]))
)]
pub(super) async fn change(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<SharingDocument>, Problem> {
    let by = api.authenticate.even_suspended(&asker, bearer_token(&headers), Some(Scope::Admin)).await?;
    let bytes = read_body(body, BODY, api.limits.get().request).await?;
    let wanted = json_from::<SharingRequest>(&headers, &bytes)?.wanted()?;
    Ok(Json(SharingDocument::new(api.sharing.rules(), &api.sharing.change(&by, wanted).await?)))
}

/// Shows what would be stored if everything were shared, with the values of now.
///
/// By the sender itself, with the scope `admin`. Nothing is stored by asking.
#[utoipa::path(
    get, path = "/v1/senders/self/sharing/preview", tag = "senders", operation_id = "preview_sharing",
    responses((status = 200, body = PreviewDocument)), security(("sender" = ["admin"]))
)]
pub(super) async fn preview(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
) -> Result<Json<PreviewDocument>, Problem> {
    let by = api.authenticate.even_suspended(&asker, bearer_token(&headers), Some(Scope::Admin)).await?;
    let software = user_agent(&headers).and_then(Software::of);
    Ok(Json(PreviewDocument::from(&api.sharing.preview(&by, software).await?)))
}

/// What names itself in a request.
pub(super) fn user_agent(headers: &HeaderMap) -> Option<&str> {
    headers.get(USER_AGENT)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use utoipa::PartialSchema;

    use super::*;

    #[test]
    fn the_description_of_an_address_is_what_is_checked() {
        let schema = serde_json::to_value(AgreeContactRequest::schema()).unwrap();
        assert_eq!(schema["properties"]["address"]["pattern"], ContactAddress::PATTERN);
    }
}

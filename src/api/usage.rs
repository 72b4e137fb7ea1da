//! `/v1/senders/self/usage`: what is stored of a sender because it is shared, as JSON and as CSV.

use std::fmt::Write;
use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Api;
use crate::intake::Asker;
use crate::model::{PushService, Scope, UsageRecords};
use crate::web::{Problem, QueryOf, bearer_token};

/// Which spelling is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UsageFormat {
    /// One JSON document.
    #[default]
    Json,
    /// One line for each figure (RFC 4180).
    Csv,
}

/// In which spelling.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Question {
    /// `json` where it is left out.
    #[serde(default)]
    #[param(inline, required = false)]
    format: UsageFormat,
}

/// What is stored of a sender because its administrator shares it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = Usage)]
pub struct UsageDocument {
    /// Of `volume`: deliveries that ended, in the order of their days. What too few devices are behind is not stored.
    pub volume: Vec<VolumeDocument>,
    /// Of `devices`: in the order of their days. Where there are too few, nothing is stored.
    pub devices: Vec<DevicesDocument>,
    /// Of `software`: what was named last.
    #[schema(required = true)]
    pub software: Option<SoftwareDocument>,
    /// Of `contact`: the address.
    #[schema(required = true)]
    pub contact: Option<String>,
}

/// How many deliveries of a day ended in one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SharedVolume)]
pub struct VolumeDocument {
    /// The UTC day.
    #[schema(format = Date)]
    pub day: String,
    /// Where they went.
    pub push_service: PushService,
    /// How they ended: `accepted`, `gone`, `expired`, `rejected`, `replaced` or `withdrawn`.
    pub outcome: String,
    /// How many.
    pub deliveries: u64,
}

/// How many subscriptions were in use on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SharedDevices)]
pub struct DevicesDocument {
    /// The UTC day.
    #[schema(format = Date)]
    pub day: String,
    /// How many, rounded down to a multiple of `least_devices`.
    pub subscriptions: u64,
}

/// The server's software.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SharedSoftware)]
pub struct SoftwareDocument {
    /// Its name.
    pub name: String,
    /// Its version; null where it names none.
    #[schema(required = true)]
    pub version: Option<String>,
    /// The UTC day on which it was last seen.
    #[schema(format = Date)]
    pub day: String,
}

impl From<&UsageRecords> for UsageDocument {
    fn from(records: &UsageRecords) -> Self {
        let volume = records.volume.iter().map(|(cell, deliveries)| VolumeDocument {
            day: cell.day.to_string(),
            push_service: cell.push_service,
            outcome: cell.outcome.to_owned(),
            deliveries: *deliveries,
        });
        let devices = records.devices.iter().map(|(day, subscriptions)| DevicesDocument {
            day: day.to_string(),
            subscriptions: *subscriptions,
        });
        let software = records.software.as_ref().map(|(software, day)| SoftwareDocument {
            name: software.name().to_owned(),
            version: Some(software.version().to_owned()).filter(|version| !version.is_empty()),
            day: day.to_string(),
        });
        let contact = records.contact.as_ref().map(|address| address.as_str().to_owned());
        Self { volume: volume.collect(), devices: devices.collect(), software, contact }
    }
}

impl UsageDocument {
    /// Whether nothing is shared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The same as CSV. What is in it needs no quotes: names, numbers and days, and an address without commas.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut csv = String::from("category,day,push_service,outcome,value\r\n");
        let mut line = |cells: [&str; 5]| {
            write!(csv, "{}\r\n", cells.join(",")).expect("a String takes every text");
        };
        for VolumeDocument { day, push_service, outcome, deliveries } in &self.volume {
            line(["volume", day, push_service.as_str(), outcome, &deliveries.to_string()]);
        }
        for DevicesDocument { day, subscriptions } in &self.devices {
            line(["devices", day, "", "", &subscriptions.to_string()]);
        }
        if let Some(SoftwareDocument { name, version, day }) = &self.software {
            let version = version.as_ref().map(|version| format!("/{version}")).unwrap_or_default();
            line(["software", day, "", "", &format!("{name}{version}")]);
        }
        if let Some(address) = &self.contact {
            line(["contact", "", "", "", address]);
        }
        csv
    }

    /// The answer in this spelling.
    pub(super) fn answer(self, format: UsageFormat) -> Response {
        match format {
            UsageFormat::Json => Json(self).into_response(),
            UsageFormat::Csv => {
                ([(CONTENT_TYPE, "text/csv; charset=utf-8; header=present")], self.to_csv()).into_response()
            }
        }
    }
}

impl Question {
    /// The spelling that was asked for.
    pub(super) fn format(&self) -> UsageFormat {
        self.format
    }
}

/// Reads exactly what is stored because it is shared.
///
/// By the sender itself, with the scope `admin`. The operator reads the same, of days that are over.
#[utoipa::path(
    get, path = "/v1/senders/self/usage", tag = "senders", operation_id = "read_usage", params(Question),
    responses((status = 200, content((UsageDocument = "application/json"), (String = "text/csv")))),
    security(("sender" = ["admin"]))
)]
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
    QueryOf(question): QueryOf<Question>,
) -> Result<Response, Problem> {
    let by = api.authenticate.even_suspended(&asker, bearer_token(&headers), Some(Scope::Admin)).await?;
    let records = api.sharing.usage(&by).await?;
    Ok(UsageDocument::from(&records).answer(question.format()))
}

/// Erases the figures.
///
/// By the sender itself, with the scope `admin`: of `volume`, `devices` and `software`, at once and for ever. What is
/// shared is recorded on; who switches a category off erases it too.
#[utoipa::path(
    delete, path = "/v1/senders/self/usage", tag = "senders", operation_id = "erase_usage",
    responses((status = 204, description = "Erased")), security(("sender" = ["admin"]))
)]
pub(super) async fn erase(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let by = api.authenticate.even_suspended(&asker, bearer_token(&headers), Some(Scope::Admin)).await?;
    api.sharing.forget(&by).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Day;
    use crate::model::{Software, VolumeCell};

    #[test]
    fn csv_has_a_line_for_each_figure_and_json_says_the_same() {
        let cell = VolumeCell { day: Day(20_413), push_service: PushService::Fcm, outcome: "accepted" };
        let records = UsageRecords {
            volume: vec![(cell, 12)],
            devices: vec![(Day(20_413), 5)],
            software: Some((Software::of("examplechat/4.2").unwrap(), Day(20_413))),
            contact: Some("security@example.org".parse().unwrap()),
        };

        let document = UsageDocument::from(&records);

        let expected = "category,day,push_service,outcome,value\r\nvolume,2025-11-21,fcm,accepted,12\r\n\
                        devices,2025-11-21,,,5\r\nsoftware,2025-11-21,,,examplechat/4.2\r\n\
                        contact,,,,security@example.org\r\n";
        assert_eq!(document.to_csv(), expected);
        let json = serde_json::to_string(&document).unwrap();
        assert_eq!(serde_json::from_str::<UsageDocument>(&json).unwrap(), document);
    }
}

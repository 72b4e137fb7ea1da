//! `/admin/apps`: the apps that the running relay knows. They are added in the config; here they are listed, and
//! their deliveries let go.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::gate::By;
use crate::model::{App, ContentPolicy, PushService};
use crate::operator::Operator;
use crate::web::{PathId, Problem};

/// An app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppDocument {
    /// Its id.
    pub id: String,
    /// The push services that it has credentials for.
    pub push_services: Vec<PushService>,
    /// Its content policy.
    pub content_policy: ContentPolicy,
    /// What is shown in place of content.
    pub placeholder: String,
    /// Whether a sender may set the badge.
    pub badge: bool,
    /// Whether a sender may name a sound.
    pub sound: bool,
}

/// All apps.
#[derive(Debug, Serialize, Deserialize)]
pub struct AppList {
    /// In the order of their ids.
    pub apps: Vec<AppDocument>,
}

impl From<&App> for AppDocument {
    fn from(app: &App) -> Self {
        Self {
            id: app.id.to_string(),
            push_services: app.push_services.clone(),
            content_policy: app.content_policy,
            placeholder: app.placeholder.as_str().to_owned(),
            badge: app.badge_allowed,
            sound: app.sound_allowed,
        }
    }
}

/// `GET /admin/apps`
pub(super) async fn list(State(operator): State<Arc<Operator>>) -> Json<AppList> {
    Json(AppList { apps: operator.apps().iter().map(AppDocument::from).collect() })
}

/// What letting an app's deliveries go came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseDocument {
    /// How many ways to push services were closed, and are open now.
    pub released: usize,
}

/// `POST /admin/apps/{id}/release`
pub(super) async fn release(
    State(operator): State<Arc<Operator>>,
    By(by): By,
    PathId(id): PathId,
) -> Result<Json<ReleaseDocument>, Problem> {
    Ok(Json(ReleaseDocument { released: operator.release_app(by, &id).await? }))
}

//! `/admin/reload`: has the relay read its config again.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::gate::By;
use crate::operator::{Operator, Reloaded};
use crate::web::Problem;

/// What a reload changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReloadedDocument {
    /// The parts of the config that are other than before; empty where nothing is.
    pub changed: Vec<String>,
    /// What is allowed and still worth a sentence.
    pub warnings: Vec<String>,
}

/// `POST /admin/reload`
pub(super) async fn reload(
    State(operator): State<Arc<Operator>>,
    By(by): By,
) -> Result<Json<ReloadedDocument>, Problem> {
    let Reloaded { changed, warnings, policies: _ } = operator.reload_config(by).await?;
    Ok(Json(ReloadedDocument { changed, warnings }))
}

//! `/admin/keys`: the relay's own keys. No private half is in any answer.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::gate::By;
use crate::operator::{Keys, KeysShown};
use crate::privacy::KeyState;
use crate::web::Problem;

/// The relay's own keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyList {
    /// Storage keys, then the long-term key, then registration keys with the newest first.
    pub keys: Vec<KeyDocument>,
}

/// One key, without what is secret of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyDocument {
    /// `storage`, `long_term` or `registration`.
    pub kind: String,
    /// Names it.
    pub id: String,
    /// The public half, base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public: Option<String>,
    /// When it was made, which is the first moment at which it is used; RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// The last moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    /// `upcoming`, `current`, `previous` or `ended`.
    pub state: String,
}

impl From<KeysShown> for KeyList {
    fn from(shown: KeysShown) -> Self {
        let key = |kind: &str, id: String, state: KeyState| KeyDocument {
            kind: kind.to_owned(),
            id,
            public: None,
            valid_from: None,
            valid_until: None,
            state: state.as_str().to_owned(),
        };
        let mut keys = vec![key("storage", shown.storage.current.to_string(), KeyState::Current)];
        keys.extend(shown.storage.previous.map(|id| key("storage", id.to_string(), KeyState::Previous)));
        if let Some(registration) = shown.registration {
            let long_term = key("long_term", registration.long_term_id, KeyState::Current);
            keys.push(KeyDocument { public: Some(registration.long_term), ..long_term });
            keys.extend(registration.keys.into_iter().map(|one| KeyDocument {
                public: Some(one.public),
                valid_from: Some(one.valid_from.to_string()),
                valid_until: Some(one.valid_until.to_string()),
                ..key("registration", one.id, one.state)
            }));
        }
        Self { keys }
    }
}

/// How far the rotation of the storage key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RotationDocument {
    /// Rows that were looked at.
    pub done: u64,
    /// Rows that there were when it began.
    pub total: u64,
    /// Nothing is under the previous key any more.
    pub finished: bool,
}

/// `GET /admin/keys`
pub(super) async fn list(State(keys): State<Arc<Keys>>) -> Result<Json<KeyList>, Problem> {
    Ok(Json(keys.show().await?.into()))
}

/// `POST /admin/keys/storage/rotate`
pub(super) async fn rotate(State(keys): State<Arc<Keys>>, By(by): By) -> Result<Json<KeyList>, Problem> {
    Ok(Json(keys.rotate_storage_key(by).await?.into()))
}

/// `POST /admin/keys/storage/continue`
pub(super) async fn go_on(
    State(keys): State<Arc<Keys>>,
    By(_): By,
) -> Result<Json<RotationDocument>, Problem> {
    let progress = keys.go_on().await?;
    Ok(Json(RotationDocument { done: progress.done, total: progress.total, finished: progress.finished }))
}

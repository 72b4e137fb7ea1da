//! An operator with a store in memory and a clock that stands still.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{Method, Request, StatusCode};
use sealpush::api::admin::admin_routes;
use sealpush::base::{Live, ManualClock, OsEntropy, UnixMillis};
use sealpush::model::Apps;
use sealpush::operator::Operator;
use sealpush::privacy::StorageKey;
use sealpush::storage::Storage;
use sealpush::storage::sqlite::{Location, SqliteStore};
use serde_json::Value;
use tower::ServiceExt;

/// 2026-11-21T00:00:00Z.
pub(super) const NOW: UnixMillis = UnixMillis(1_795_219_200_000);

/// Where the operator works.
pub(super) struct Office {
    pub(super) store: Storage,
    routes: Router,
}

impl Office {
    /// An empty store, and no apps.
    pub(super) async fn new() -> Self {
        let key = StorageKey::from_bytes([7; 32]);
        let store = SqliteStore::open(&Location::Memory, &key, Arc::new(OsEntropy)).await.unwrap();
        let clock = Arc::new(ManualClock::at(NOW));
        let operator = Operator::new(Live::new(Apps::default()), &store, clock, Arc::new(OsEntropy));
        Self { store, routes: admin_routes(Arc::new(operator)) }
    }

    /// A request and its answer; `Null` where the answer has no body.
    pub(super) async fn ask(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let response = self.routes.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// Makes a sender, and gives its id.
    pub(super) async fn add(&self, name: &str) -> String {
        let body = serde_json::json!({ "name": name });
        let (status, added) = self.ask(Method::POST, "/admin/senders", body).await;
        assert_eq!(status, StatusCode::CREATED);
        added["id"].as_str().unwrap().to_owned()
    }

    /// Reads every page of the list at `path`, whose members are under `key`.
    pub(super) async fn pages(&self, path: &str, key: &str) -> Vec<Vec<Value>> {
        let (mut pages, mut at) = (Vec::new(), path.to_owned());
        loop {
            let (status, page) = self.ask(Method::GET, &at, Value::Null).await;
            assert_eq!(status, StatusCode::OK, "{page}");
            pages.push(page[key].as_array().unwrap().clone());
            match &page["next"] {
                Value::Null => return pages,
                Value::String(next) => at = format!("{path}?after={next}"),
                next => at = format!("{path}?after={next}"),
            }
        }
    }
}

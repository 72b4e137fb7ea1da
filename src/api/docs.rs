//! `/openapi.json` and `/docs`: the description of the API, for programs and for people.
//!
//! The page and all that it loads come from the relay itself; a browser that shows it asks nobody else, which the
//! page's content security policy holds. Must not describe a call: see `openapi.rs`.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use bytes::Bytes;
use http::HeaderValue;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::Config;

use crate::web::{PathId, Problem};

/// Where the description is.
const OPENAPI: &str = "/openapi.json";
/// The page sets styles inside its elements, and draws its icons from data URLs.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
);

/// Routes of the description and of its page.
pub(super) fn routes<S: Clone + Send + Sync + 'static>(description: &OpenApi) -> Router<S> {
    let text = Bytes::from(document(description));
    // The page would otherwise send the description's address to a validator on the Internet.
    let config = Config::from(OPENAPI).use_base_layout().validator_url("none").try_it_out_enabled(true);
    let config = Arc::new(config);
    let first = Arc::clone(&config);
    Router::new()
        .route(OPENAPI, get(async move || ([(CONTENT_TYPE, "application/json")], text.clone())))
        .route("/docs", get(async || Redirect::permanent("/docs/")))
        .route("/docs/", get(async move || file("index.html", first.clone())))
        .route("/docs/{file}", get(async move |PathId(name): PathId| file(&name, config.clone())))
}

/// The description as text, indented, so that two versions can be compared line by line.
pub(super) fn document(description: &OpenApi) -> String {
    let text = description.to_pretty_json().expect("a description is made of texts and numbers");
    format!("{text}\n")
}

fn file(name: &str, config: Arc<Config<'static>>) -> Response {
    match utoipa_swagger_ui::serve(name, config) {
        Ok(Some(file)) => {
            let kind = HeaderValue::try_from(file.content_type)
                .unwrap_or(HeaderValue::from_static("application/octet-stream"));
            let headers = [(CONTENT_TYPE, kind), (CONTENT_SECURITY_POLICY, POLICY)];
            // What is in the program is sent from there: a copy for each request would be megabytes for each client that
            // does not read.
            let bytes = match file.bytes {
                Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                Cow::Owned(bytes) => Bytes::from(bytes),
            };
            (headers, bytes).into_response()
        }
        Ok(None) | Err(_) => Problem::no_such_path().into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    #[tokio::test]
    async fn a_large_file_is_sent_from_where_it_is_and_not_copied_for_each_request() {
        let bundle = async || {
            let response = file("swagger-ui-bundle.js", Arc::new(Config::from(OPENAPI)));
            to_bytes(response.into_body(), usize::MAX).await.unwrap()
        };
        let (one, other) = (bundle().await, bundle().await);
        assert!(one.len() > 1_000_000);
        assert_eq!(one.as_ptr(), other.as_ptr());
    }
}

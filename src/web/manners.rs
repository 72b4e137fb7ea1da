//! What every answer has, whichever route gave it, and what no route has to think of.
//!
//! A number by which sender and operator speak of one request, headers that keep browsers and caches out, limits
//! of a request's head, and a problem document where the relay itself is at fault. Must not know a route.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::problem::{Cause, Problem};
use super::unread::read_or_close;
use crate::base::{Entropy, Live};
use crate::model::Id;

/// Names a request. Always drawn here: what a client sends under this name is not looked at.
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
/// The longest path with its query, in bytes: ours have less than a hundred, cursors included.
const LONGEST_URI: usize = 2_048;
/// The most that a head's field names and values may hold, in bytes, and how many fields.
const MOST_HEADER_BYTES: usize = 16 * 1024;
const MOST_HEADERS: usize = 64;

#[derive(Debug, Clone)]
struct Manners {
    entropy: Arc<dyn Entropy>,
    access_log: Live<bool>,
    secure: bool,
}

/// Gives the routes manners, and while `access_log` says so each request a line in the log. `secure`: they are served
/// over TLS by this process.
pub fn with_manners(
    routes: Router,
    (entropy, access_log): (Arc<dyn Entropy>, Live<bool>),
    secure: bool,
) -> Router {
    routes.layer(from_fn_with_state(Manners { entropy, access_log, secure }, before_each))
}

/// One layer for all of it: see `api::routes`.
async fn before_each(State(manners): State<Manners>, request: Request, next: Next) -> Response {
    read_or_close(request, |request| mind(manners, request, next)).await
}

async fn mind(manners: Manners, request: Request, next: Next) -> Response {
    let (begun, method) = (Instant::now(), known(request.method()));
    let id = Id::<()>::random(&*manners.entropy).to_string();
    let path = request.extensions().get::<MatchedPath>().cloned();
    // The path as the route table has it: the one that came holds ids.
    let route = path.as_ref().map_or("none", MatchedPath::as_str);
    let mut response = match check_head(&request) {
        Err(problem) => problem.into_response(),
        // What a panic leaves behind is dropped with the request; nothing of ours stays half changed over an await.
        Ok(()) => match AssertUnwindSafe(next.run(request)).catch_unwind().await {
            Ok(response) => response,
            Err(_) => internal_error().into_response(),
        },
    };
    let status = response.status().as_u16();
    if let Some(Cause(error)) = response.extensions_mut().remove::<Cause>() {
        tracing::error!(request = %id, route, status, %error, "a request failed");
    }
    if *manners.access_log.get() {
        let seconds = begun.elapsed().as_secs_f64();
        tracing::info!(request = %id, method, route, status, seconds, "request");
    }
    add_headers(response.headers_mut(), &id, manners.secure);
    response
}

/// The name of a method, for the log: a client may send any word as one.
fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|name| *name == method.as_str()).unwrap_or("other")
}

fn internal_error() -> Problem {
    let detail = "The relay failed at this request, by a bug of its own. Tell its operator the Request-Id of this \
                  answer: the log has it.";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", detail)
        .caused_by("a panic, which is a bug")
}

fn check_head(request: &Request) -> Result<(), Problem> {
    let uri = request.uri().path_and_query().map_or(0, |uri| uri.as_str().len());
    if uri > LONGEST_URI {
        let detail =
            format!("The path with its query is longer than {LONGEST_URI} bytes; no call needs that.");
        return Err(Problem::new(StatusCode::URI_TOO_LONG, "uri_too_long", detail));
    }
    let headers = request.headers();
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if headers.len() > MOST_HEADERS || bytes > MOST_HEADER_BYTES {
        let detail = format!(
            "The request has more than {MOST_HEADERS} header fields, or more than {MOST_HEADER_BYTES} bytes of \
             them; send fewer."
        );
        return Err(Problem::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "headers_too_large", detail));
    }
    Ok(())
}

fn add_headers(headers: &mut HeaderMap, id: &str, secure: bool) {
    let fixed = HeaderValue::from_static;
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, fixed("nosniff"));
    headers.insert(REFERRER_POLICY, fixed("no-referrer"));
    // A page for people says itself what it may load and how long it may be kept.
    headers.entry(CACHE_CONTROL).or_insert(fixed("no-store"));
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(fixed("default-src 'none'; frame-ancestors 'none'"));
    if secure {
        // RFC 6797, section 7.2: never over plain HTTP. A reverse proxy that ends TLS says it for itself.
        headers.insert(STRICT_TRANSPORT_SECURITY, fixed("max-age=31536000"));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use axum::body::{Body, to_bytes};
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;
    use crate::base::OsEntropy;
    use crate::config::{LogFormat, LogLevel, Logs};
    use crate::telemetry::subscriber;

    async fn answer(routes: Router, secure: bool, change: impl FnOnce(&mut Request)) -> Response {
        let mut request = Request::new(Body::empty());
        change(&mut request);
        with_manners(routes, (Arc::new(OsEntropy), Live::new(true)), secure).oneshot(request).await.unwrap()
    }

    fn routes() -> Router {
        async fn breaks() -> &'static str {
            panic!("canary-content")
        }
        Router::new().route("/", get(async || "fine")).route("/breaks", get(breaks))
    }

    async fn code(response: Response) -> (u16, String) {
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 4096).await.unwrap();
        let document: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert!(!document.to_string().contains("canary"), "{document}");
        (status, document["code"].as_str().unwrap().to_owned())
    }

    #[tokio::test]
    async fn a_panic_is_a_problem_document_that_says_nothing_of_what_it_said() {
        let response =
            answer(routes(), false, |request| *request.uri_mut() = "/breaks".parse().unwrap()).await;
        assert!(response.headers().contains_key(REQUEST_ID));
        assert_eq!(code(response).await, (500, "internal_error".to_owned()));
    }

    #[tokio::test]
    async fn each_request_has_a_number_of_its_own_and_never_the_clients() {
        let of =
            |request: &mut Request| drop(request.headers_mut().insert(REQUEST_ID, "mine".parse().unwrap()));
        let (one, other) = (answer(routes(), false, of).await, answer(routes(), false, of).await);
        let ids = [&one, &other].map(|response| response.headers()[REQUEST_ID].clone());
        assert!(ids[0] != ids[1] && ids.iter().all(|id| id.len() == 36));
    }

    #[tokio::test]
    async fn a_failure_is_logged_with_the_number_and_the_route_and_nothing_of_the_request() {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let writer = Arc::clone(&lines);
        let logs = Logs { format: LogFormat::Json, level: LogLevel::Error, access: true };
        let logging = subscriber(logs, move || Captured(Arc::clone(&writer)), false);
        let guard = tracing::subscriber::set_default(logging);
        let fails =
            async || Problem::new(StatusCode::SERVICE_UNAVAILABLE, "a_b", "No.").caused_by("disk full");
        let routes = Router::new().route("/fails/{id}", get(fails));
        let uri = "/fails/canary?canary";
        let response = answer(routes, false, |request| *request.uri_mut() = uri.parse().unwrap()).await;
        drop(guard);
        let text = String::from_utf8(lines.lock().unwrap().clone()).unwrap();
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["request"], response.headers()[REQUEST_ID].to_str().unwrap());
        assert_eq!((&line["route"], &line["error"]), (&"/fails/{id}".into(), &"disk full".into()));
        assert!(!text.contains("canary"), "{text}");
    }

    struct Captured(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn only_what_came_over_tls_is_told_to_stay_there() {
        for secure in [true, false] {
            let response = answer(routes(), secure, |_| ()).await;
            assert_eq!(response.headers().contains_key(STRICT_TRANSPORT_SECURITY), secure);
            assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
        }
    }

    #[tokio::test]
    async fn a_head_that_is_too_large_is_a_problem_document() {
        let uri =
            |request: &mut Request| *request.uri_mut() = format!("/{}", "x".repeat(2_048)).parse().unwrap();
        assert_eq!(code(answer(routes(), false, uri).await).await, (414, "uri_too_long".to_owned()));
        let bytes = |request: &mut Request| {
            request.headers_mut().insert("x-large", "x".repeat(16_384).parse().unwrap());
        };
        assert_eq!(code(answer(routes(), false, bytes).await).await, (431, "headers_too_large".to_owned()));
        let many = |request: &mut Request| {
            for _ in 0..65 {
                request.headers_mut().append("x-many", "x".parse().unwrap());
            }
        };
        assert_eq!(code(answer(routes(), false, many).await).await, (431, "headers_too_large".to_owned()));
    }
}

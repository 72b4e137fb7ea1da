//! The way to the OAuth token endpoint: one HTTP/1.1 request an hour, each on a connection of its own.

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use zeroize::Zeroizing;

use crate::model::Reason;
use crate::push_services::Endpoint;
use crate::push_services::dialer::Dialer;

/// How long the whole exchange may take: less than a push may, so that whoever waits still gets to send.
const LIMIT: Duration = Duration::from_secs(10);
/// The most of an answer that is read. Google's are about a kilobyte.
const MAX_BODY: usize = 16 * 1024;

/// Where an access token is had.
pub(super) struct TokenEndpoint {
    endpoint: Endpoint,
    path: Uri,
    dialer: Dialer,
}

/// What the endpoint answered.
pub(super) struct Answer {
    /// The status.
    pub(super) status: StatusCode,
    /// The headers.
    pub(super) headers: HeaderMap,
    /// The body.
    pub(super) body: Bytes,
}

impl TokenEndpoint {
    /// The endpoint at `path` of `endpoint`.
    pub(super) fn new(endpoint: Endpoint, path: Uri, dialer: Dialer) -> Self {
        Self { endpoint, path, dialer }
    }

    /// Posts `form`; the error is why there is no answer.
    pub(super) async fn post(&self, form: Zeroizing<String>) -> Result<Answer, Reason> {
        tokio::time::timeout(LIMIT, self.post_unlimited(form))
            .await
            .unwrap_or(Err(Reason::ours("oauth_timed_out")))
    }

    async fn post_unlimited(&self, form: Zeroizing<String>) -> Result<Answer, Reason> {
        let stream = self.dialer.dial(&self.endpoint).await.map_err(|error| error.reason())?;
        let broken = || Reason::ours("oauth_connection_broken");
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|_| broken())?;
        let request = self.request(&form);
        let exchange = async move {
            let response = sender.send_request(request).await.map_err(|_| broken())?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, MAX_BODY).collect().await.map_err(|_| broken())?.to_bytes();
            Ok(Answer { status: head.status, headers: head.headers, body })
        };
        let mut exchange = pin!(exchange);
        // The connection moves the bytes; when it is done, what it read may still be on its way.
        tokio::select! {
            answer = &mut exchange => answer,
            _ = connection => exchange.await,
        }
    }

    fn request(&self, form: &str) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(Bytes::copy_from_slice(form.as_bytes())));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.path.clone();
        let host = HeaderValue::from_str(self.endpoint.authority().as_str());
        let headers = request.headers_mut();
        headers.insert(header::HOST, host.expect("an authority fits a header"));
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(header::CONTENT_TYPE, form_type);
        request
    }
}

//! One exchange over a connection of its own.
//!
//! A command makes few, large requests, so a pool would carry nothing. The connection is driven by the exchange
//! itself: when the exchange ends, so does everything that belongs to it.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, select};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, RETRY_AFTER, USER_AGENT};
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::connect::connect;
use super::{Answer, ClientError, Exchange, Hop, Trust};

/// The longest answer that is read: outcomes of 1,000 targets are about 200 KiB.
const LONGEST_ANSWER: usize = 4 * 1024 * 1024;

/// An HTTP client for the command line.
#[derive(Debug, Clone)]
pub(crate) struct HttpClient {
    trust: Trust,
}

impl HttpClient {
    /// A client that believes what `trust` believes.
    #[must_use]
    pub(crate) fn new(trust: Trust) -> Self {
        Self { trust }
    }

    /// Sends a request and reads the whole answer, whatever its status.
    pub(crate) async fn exchange(&self, hop: &Hop, exchange: Exchange<'_>) -> Result<Answer, ClientError> {
        let patience = exchange.patience;
        let late = || ClientError::TimedOut { hop: hop.clone(), after: patience };
        tokio::time::timeout(patience, self.at_leisure(hop, exchange)).await.map_err(|_| late())?
    }

    async fn at_leisure(&self, hop: &Hop, exchange: Exchange<'_>) -> Result<Answer, ClientError> {
        let (stream, is_http2) = connect(hop, &self.trust).await?;
        let request = request(hop, exchange, is_http2)?;
        let io = TokioIo::new(stream);
        let broken = |error| ClientError::Broken { hop: hop.clone(), error };
        if is_http2 {
            let (mut sender, connection) =
                http2::handshake(TokioExecutor::new(), io).await.map_err(broken)?;
            let exchanged = async { read(hop, sender.send_request(request).await.map_err(broken)?).await };
            driven(exchanged, connection).await
        } else {
            let (mut sender, connection) = http1::handshake(io).await.map_err(broken)?;
            let exchanged = async { read(hop, sender.send_request(request).await.map_err(broken)?).await };
            driven(exchanged, connection).await
        }
    }
}

/// Drives the connection until the exchange is over. A connection that ends first may have left the answer in
/// the channel between the two; the exchange then ends by itself, with it or with an error.
async fn driven<T>(
    exchanged: impl Future<Output = T>,
    connection: impl Future<Output = hyper::Result<()>>,
) -> T {
    let (exchanged, connection) = (std::pin::pin!(exchanged), std::pin::pin!(connection));
    match select(exchanged, connection).await {
        Either::Left((answer, _)) => answer,
        Either::Right((_ended, exchanged)) => exchanged.await,
    }
}

fn request(hop: &Hop, exchange: Exchange<'_>, is_http2: bool) -> Result<Request<Full<Bytes>>, ClientError> {
    let uri = if is_http2 { hop.uri(&exchange.path) } else { hop.path(&exchange.path) };
    let mut request = Request::builder()
        .method(exchange.method)
        .uri(uri)
        .header(USER_AGENT, concat!("sealpush/", env!("CARGO_PKG_VERSION")));
    if !is_http2 {
        request = request.header(HOST, hop.authority());
    }
    if !exchange.body.is_empty() {
        request = request.header(CONTENT_TYPE, "application/json");
    }
    if let Some(bearer) = exchange.bearer {
        let value = HeaderValue::try_from(format!("Bearer {}", bearer.expose()));
        let mut value = value.map_err(|_| ClientError::NotUnderstood {
            hop: hop.clone(),
            problem: "the credential has characters that no credential has".to_owned(),
        })?;
        // Keeps it out of HTTP/2's compression table and of `Debug`.
        value.set_sensitive(true);
        request = request.header(AUTHORIZATION, value);
    }
    request.body(Full::new(exchange.body)).map_err(|error| ClientError::NotUnderstood {
        hop: hop.clone(),
        problem: format!("the request cannot be written: {error}"),
    })
}

async fn read(hop: &Hop, response: Response<Incoming>) -> Result<Answer, ClientError> {
    let (parts, body) = response.into_parts();
    let body = Limited::new(body, LONGEST_ANSWER).collect().await.map_err(|error| {
        match error.downcast::<hyper::Error>() {
            Ok(error) => ClientError::Broken { hop: hop.clone(), error: *error },
            Err(_) => ClientError::NotUnderstood {
                hop: hop.clone(),
                problem: format!("longer than {LONGEST_ANSWER} bytes"),
            },
        }
    })?;
    let seconds = parts.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    Ok(Answer {
        status: parts.status.as_u16(),
        retry_after: seconds.map(Duration::from_secs),
        body: body.to_bytes(),
    })
}

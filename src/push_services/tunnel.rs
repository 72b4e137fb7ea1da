//! A tunnel through the operator's proxy: HTTP CONNECT (RFC 9110, section 9.3.6). What goes through it is TLS, end to
//! end: the proxy learns host, port, times and sizes.

use std::pin::pin;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{HOST, PROXY_AUTHORIZATION};
use http::{HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use zeroize::Zeroizing;

use super::Endpoint;
use super::dialer::DialError;
use crate::config::Proxy;

/// Opens a tunnel to `endpoint` on `stream`, which leads to `proxy`.
pub(super) async fn open(
    stream: TcpStream,
    endpoint: &Endpoint,
    proxy: &Proxy,
) -> Result<TcpStream, DialError> {
    let (mut requests, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|_| DialError::ProxyBroken)?;
    let request = request(endpoint, proxy);
    let exchange = async move {
        let response = requests.send_request(request).await.map_err(|_| DialError::ProxyBroken)?;
        match response.status() {
            status if status.is_success() => {}
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => return Err(DialError::ProxyCredentials),
            status => return Err(DialError::ProxyRefused(status.as_u16())),
        }
        hyper::upgrade::on(response).await.map_err(|_| DialError::ProxyBroken)
    };
    let mut exchange = pin!(exchange);
    let opened = tokio::select! {
        opened = &mut exchange => opened?,
        // The connection ends when the tunnel is handed over.
        _ = connection.with_upgrades() => exchange.await?,
    };
    let parts = opened.downcast::<TokioIo<TcpStream>>().map_err(|_| DialError::ProxyBroken)?;
    // In TLS the client speaks first: whoever spoke before is not the push service.
    if !parts.read_buf.is_empty() {
        return Err(DialError::ProxyBroken);
    }
    Ok(parts.io.into_inner())
}

fn request(endpoint: &Endpoint, proxy: &Proxy) -> Request<Empty<Bytes>> {
    // RFC 9110, section 9.3.6: host and port, the port also where it is the usual one.
    let host = endpoint.authority().host();
    let target = format!("{host}:{}", endpoint.port());
    let mut request = Request::new(Empty::new());
    *request.method_mut() = Method::CONNECT;
    *request.uri_mut() = target.parse::<Uri>().expect("host and port of an endpoint are an authority");
    let host = HeaderValue::from_str(&target).expect("host and port fit a header");
    request.headers_mut().insert(HOST, host);
    if let Some(credentials) = &proxy.credentials {
        let basic = Zeroizing::new(format!("Basic {}", STANDARD.encode(credentials.expose())));
        let mut basic = HeaderValue::from_str(&basic).expect("base64 fits a header");
        basic.set_sensitive(true);
        request.headers_mut().insert(PROXY_AUTHORIZATION, basic);
    }
    request
}

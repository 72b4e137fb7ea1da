//! An HTTP client over TLS that trusts one CA, on exactly one connection.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Version};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// One connection.
#[derive(Clone)]
pub(crate) enum Client {
    Http2(http2::SendRequest<Full<Bytes>>),
    Http1(Arc<tokio::sync::Mutex<http1::SendRequest<Full<Bytes>>>>),
}

/// An answer with its whole body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// TLS to `url`, offering `protocols`.
pub(crate) async fn tls(
    url: &str,
    ca_pem: &str,
    protocols: &[&[u8]],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let authority = url.strip_prefix("https://").unwrap().split('/').next().unwrap();
    let stream = TcpStream::connect(authority).await?;
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

impl Client {
    pub(crate) async fn http2(url: &str, ca_pem: &str) -> Self {
        let io = TokioIo::new(tls(url, ca_pem, &[b"h2"]).await.unwrap());
        let (sender, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
        tokio::spawn(connection);
        Self::Http2(sender)
    }

    pub(crate) async fn http1(url: &str, ca_pem: &str) -> Self {
        let io = TokioIo::new(tls(url, ca_pem, &[b"http/1.1"]).await.unwrap());
        let (sender, connection) = http1::handshake(io).await.unwrap();
        tokio::spawn(connection);
        Self::Http1(Arc::new(tokio::sync::Mutex::new(sender)))
    }

    /// Sends a request whose URI is only a path.
    pub(crate) async fn send(&self, request: Request<Bytes>) -> hyper::Result<Answer> {
        let (mut parts, body) = request.into_parts();
        let path = parts.uri.to_string();
        let response = match self {
            Self::Http2(sender) => {
                parts.version = Version::HTTP_2;
                parts.uri = format!("https://localhost{path}").parse().unwrap();
                sender.clone().send_request(Request::from_parts(parts, Full::new(body))).await?
            }
            Self::Http1(sender) => {
                parts.headers.insert("host", "localhost".parse().unwrap());
                let mut sender = sender.lock().await;
                sender.ready().await?;
                sender.send_request(Request::from_parts(parts, Full::new(body))).await?
            }
        };
        whole(response).await
    }
}

async fn whole(response: Response<Incoming>) -> hyper::Result<Answer> {
    let (parts, body) = response.into_parts();
    let body = body.collect().await?.to_bytes();
    Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
}

//! A plain HTTP/1.1 client: one request, one connection, so that no test depends on a pool.

use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde_json::Value;

use super::seen;

/// Where requests go.
#[derive(Debug, Clone)]
pub(crate) enum Client {
    /// A TCP address on loopback.
    Tcp(SocketAddr),
    /// The same, from a source address and with headers of the test's choice on every request.
    Marked { address: SocketAddr, source: IpAddr, headers: Vec<(&'static str, String)> },
    /// A Unix socket.
    Unix(PathBuf),
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// The body as JSON; null where it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// The stable code of a problem document.
    pub(crate) fn code(&self) -> String {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{self:?}");
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl Client {
    /// Sends JSON, or nothing.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        bearer: Option<&str>,
        body: Option<&Value>,
    ) -> Answer {
        self.send(json_request(method, path, bearer, body)).await
    }

    /// Sends JSON, or nothing; `None` where nobody listens, or no whole answer comes.
    pub(crate) async fn try_to_call(
        &self,
        method: Method,
        path: &str,
        bearer: &str,
        body: Option<&Value>,
    ) -> Option<Answer> {
        self.try_to_send(json_request(method, path, Some(bearer), body)).await.ok()
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Answer {
        self.try_to_send(request).await.unwrap()
    }

    /// The same, where it may be that nobody listens, or that no whole answer comes.
    pub(crate) async fn try_to_send(
        &self,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Answer, Box<dyn Error + Send + Sync>> {
        match self {
            Self::Marked { address, source, headers } => {
                for (name, value) in headers {
                    request.headers_mut().insert(*name, value.parse()?);
                }
                let socket = tokio::net::TcpSocket::new_v4()?;
                socket.bind(SocketAddr::new(*source, 0))?;
                send_over(socket.connect(*address).await?, request).await
            }
            Self::Tcp(address) => send_over(tokio::net::TcpStream::connect(address).await?, request).await,
            Self::Unix(path) => send_over(tokio::net::UnixStream::connect(path).await?, request).await,
        }
    }

    pub(crate) async fn get(&self, path: &str, bearer: Option<&str>) -> Answer {
        self.call(Method::GET, path, bearer, None).await
    }

    pub(crate) async fn post(&self, path: &str, bearer: Option<&str>, body: &Value) -> Answer {
        self.call(Method::POST, path, bearer, Some(body)).await
    }
}

fn json_request(
    method: Method,
    path: &str,
    bearer: Option<&str>,
    body: Option<&Value>,
) -> Request<Full<Bytes>> {
    let mut request = Request::builder().method(method).uri(path).header("host", "relay.test");
    if let Some(bearer) = bearer {
        request = request.header("authorization", format!("Bearer {bearer}"));
    }
    if body.is_some() {
        request = request.header("content-type", "application/json");
    }
    let bytes = body.map(Value::to_string).unwrap_or_default();
    request.body(Full::new(Bytes::from(bytes))).unwrap()
}

async fn send_over<S>(
    stream: S,
    request: Request<Full<Bytes>>,
) -> Result<Answer, Box<dyn Error + Send + Sync>>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (mut requests, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let answer = async move {
        let (head, body) = requests.send_request(request).await?.into_parts();
        let bytes = body.collect().await?.to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        seen::answered(&head.headers);
        Ok(Answer { status: head.status, headers: head.headers, text })
    };
    tokio::join!(answer, connection).0
}

//! How far a host can be reached, asked on purpose: for `sealpush check`.
//!
//! The way of a push, hop by hop, with one harmless request at its end. Says where the way ends, and what time
//! the host has. Must not say what to do about it. Read next: `proof.rs`.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, select};
use http::response::Parts;
use http::{HeaderMap, Request, Version, header};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::CertificateError;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::dialer::{DialError, Dialer};
use super::{Endpoint, PushServices};
use crate::base::UnixMillis;

/// How long the answer to the request may take, once there is a connection.
const ANSWER: Duration = Duration::from_secs(10);

/// A step on the way to a push service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hop {
    /// The host's name.
    Dns,
    /// A connection to its port.
    Tcp,
    /// The operator's own proxy, and the tunnel through it.
    Proxy,
    /// Its certificate, and a protocol that both sides speak.
    Tls,
    /// An answer to a request.
    Http,
    /// Whether it takes our credential.
    Credential,
}

impl Hop {
    /// The name in the output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Tcp => "tcp",
            Self::Proxy => "proxy",
            Self::Tls => "tls",
            Self::Http => "http",
            Self::Credential => "credential",
        }
    }
}

/// What a host's certificate is refused for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateFault {
    /// It is over.
    Expired,
    /// It has not begun.
    NotYetValid,
    /// It is for other names.
    WrongName,
    /// Nobody who is trusted vouches for it.
    UnknownAuthority,
    /// Something else.
    Other,
}

impl From<&CertificateError> for CertificateFault {
    fn from(error: &CertificateError) -> Self {
        match error {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Self::NotYetValid,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Self::WrongName
            }
            CertificateError::UnknownIssuer => Self::UnknownAuthority,
            _ => Self::Other,
        }
    }
}

/// Where the way to a host ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreached {
    /// The name has no address.
    Name,
    /// No address takes a connection; what the system says.
    Connect(String),
    /// Nothing came in time.
    Slow,
    /// The operator's proxy takes no connection.
    ProxyUnreachable,
    /// The proxy asks for credentials, or for others.
    ProxyCredentials,
    /// The proxy opens no tunnel to this host; its status.
    ProxyRefused(u16),
    /// What the proxy says is no answer of a proxy.
    ProxyBroken,
    /// The certificate is refused.
    Certificate(CertificateFault),
    /// TLS failed otherwise; what the library says.
    Tls(String),
    /// The host does not speak the HTTP version that the push service has.
    Protocol,
    /// No answer to the request.
    NoAnswer,
}

impl Unreached {
    /// At which hop it ends.
    #[must_use]
    pub fn hop(&self) -> Hop {
        match self {
            Self::Name => Hop::Dns,
            Self::Connect(_) | Self::Slow => Hop::Tcp,
            Self::ProxyUnreachable | Self::ProxyCredentials | Self::ProxyRefused(_) | Self::ProxyBroken => {
                Hop::Proxy
            }
            Self::Certificate(_) | Self::Tls(_) | Self::Protocol => Hop::Tls,
            Self::NoAnswer => Hop::Http,
        }
    }
}

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => f.write_str("its name cannot be resolved"),
            Self::Connect(error) => write!(f, "it takes no connection ({error})"),
            Self::Slow => f.write_str("no connection came about in time"),
            Self::ProxyUnreachable => f.write_str("the proxy of [egress] cannot be reached"),
            Self::ProxyCredentials => f.write_str("the proxy of [egress] does not take our credentials"),
            Self::ProxyRefused(status) => {
                write!(f, "the proxy of [egress] refuses this host with status {status}")
            }
            Self::ProxyBroken => f.write_str("the proxy of [egress] does not answer as a proxy does"),
            Self::Certificate(fault) => f.write_str(match fault {
                CertificateFault::Expired => "its certificate has expired",
                CertificateFault::NotYetValid => "its certificate is not valid yet",
                CertificateFault::WrongName => "its certificate is for another host",
                CertificateFault::UnknownAuthority => "nobody who is trusted vouches for its certificate",
                CertificateFault::Other => "its certificate cannot be used",
            }),
            Self::Tls(error) => write!(f, "the TLS handshake failed ({error})"),
            Self::Protocol => f.write_str("it does not speak the HTTP version that was offered"),
            Self::NoAnswer => f.write_str("it took the connection and did not answer"),
        }
    }
}

impl From<DialError> for Unreached {
    fn from(error: DialError) -> Self {
        match error {
            DialError::Name => Self::Name,
            DialError::Connect(error) => Self::Connect(error.to_string()),
            DialError::Slow => Self::Slow,
            DialError::ProxyUnreachable => Self::ProxyUnreachable,
            DialError::ProxyCredentials => Self::ProxyCredentials,
            DialError::ProxyRefused(status) => Self::ProxyRefused(status),
            DialError::ProxyBroken => Self::ProxyBroken,
            DialError::Protocol => Self::Protocol,
            DialError::Tls(error) => {
                let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
                match cause {
                    Some(rustls::Error::InvalidCertificate(fault)) => Self::Certificate(fault.into()),
                    Some(rustls::Error::NoApplicationProtocol) => Self::Protocol,
                    _ => Self::Tls(error.to_string()),
                }
            }
        }
    }
}

/// What a host is asked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaks {
    /// HTTP/2: where pushes go.
    Http2,
    /// HTTP/1.1: the OAuth token endpoint.
    Http1,
}

/// A host that answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// What time it is there (RFC 9110, section 6.6.1), where it says so. APNs does not.
    pub date: Option<UnixMillis>,
    /// Its status. Push services have none for such a request but a refusal.
    pub status: u16,
}

impl PushServices {
    /// Goes the whole way to `path` of `endpoint`, on a connection of its own, and back with the answer's head.
    pub async fn reach(&self, endpoint: &Endpoint, speaks: Speaks, path: &str) -> Result<Reached, Unreached> {
        let ways = self.now.get();
        let dialer = match speaks {
            Speaks::Http2 => &ways.tools.http2,
            Speaks::Http1 => &ways.tools.http1,
        };
        let stream = Dialer::dial(dialer, endpoint).await?;
        let asked = async {
            match speaks {
                Speaks::Http2 => over_http2(endpoint, path, stream).await,
                Speaks::Http1 => over_http1(endpoint, path, stream).await,
            }
        };
        let head = tokio::time::timeout(ANSWER, asked).await.ok().flatten().ok_or(Unreached::NoAnswer)?;
        Ok(Reached { date: date(&head.headers), status: head.status.as_u16() })
    }
}

async fn over_http2(endpoint: &Endpoint, path: &str, stream: TlsStream<TcpStream>) -> Option<Parts> {
    let (sender, connection) = h2::client::handshake(stream).await.ok()?;
    let mut request = Request::get(format!("{endpoint}{path}")).body(()).ok()?;
    *request.version_mut() = Version::HTTP_2;
    let asked = async {
        let mut sender = sender.ready().await.ok()?;
        let (response, _) = sender.send_request(request, true).ok()?;
        Some(response.await.ok()?.into_parts().0)
    };
    driven(asked, connection).await
}

async fn over_http1(endpoint: &Endpoint, path: &str, stream: TlsStream<TcpStream>) -> Option<Parts> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    let request = Request::get(path).header(header::HOST, endpoint.authority().as_str());
    let request = request.body(Empty::<Bytes>::new()).ok()?;
    let asked = async { Some(sender.send_request(request).await.ok()?.into_parts().0) };
    driven(asked, connection).await
}

/// The connection moves the bytes; when it is done, what it read may still be on its way.
async fn driven<T>(asked: impl Future<Output = T>, connection: impl Future) -> T {
    let (asked, connection) = (pin!(asked), pin!(connection));
    match select(asked, connection).await {
        Either::Left((answer, _)) => answer,
        Either::Right((_, asked)) => asked.await,
    }
}

fn date(headers: &HeaderMap) -> Option<UnixMillis> {
    let text = headers.get(header::DATE)?.to_str().ok()?;
    let since = httpdate::parse_http_date(text).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok().map(UnixMillis)
}

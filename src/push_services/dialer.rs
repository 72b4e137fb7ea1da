//! Opens TLS connections to push services: a fresh name lookup each time, then TCP, then, where the operator has one,
//! the proxy's tunnel, then TLS.
//!
//! Must not know what is said over the connection. Read next: `http2/pool.rs`.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use rustls::ClientConfig;
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::egress_book::EgressBook;
use super::{Endpoint, tunnel};
use crate::config::{Egress, Proxy};
use crate::model::Reason;

/// How long one address may keep silent before the next is tried beside it (RFC 8305, section 8).
const HEAD_START: Duration = Duration::from_millis(250);

/// Opens connections under one TLS configuration.
#[derive(Clone)]
pub(super) struct Dialer {
    tls: TlsConnector,
    limit: Duration,
    egress: Arc<Egress>,
    book: Arc<EgressBook>,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum DialError {
    /// The host has no address.
    #[error("the host's name cannot be resolved")]
    Name,
    /// No address took a TCP connection.
    #[error("no address of the host takes a connection: {0}")]
    Connect(io::Error),
    /// The TLS handshake failed: certificate, version, or something in between.
    #[error("the TLS handshake failed: {0}")]
    Tls(io::Error),
    /// The peer did not agree to the protocol that was offered (RFC 7301).
    #[error("the host does not speak the HTTP version that was offered")]
    Protocol,
    /// The proxy's name cannot be resolved, or no address of it took a connection.
    #[error("the proxy of [egress] cannot be reached")]
    ProxyUnreachable,
    /// The proxy asks for credentials, or for others.
    #[error("the proxy of [egress] does not take our credentials")]
    ProxyCredentials,
    /// The proxy opens no tunnel to this host.
    #[error("the proxy of [egress] refuses the host with status {0}")]
    ProxyRefused(u16),
    /// What the proxy said is no answer to CONNECT.
    #[error("the proxy of [egress] does not answer as a proxy does")]
    ProxyBroken,
    /// It took too long.
    #[error("no connection came about in time")]
    Slow,
}

impl DialError {
    /// The short name.
    pub(super) fn reason(&self) -> Reason {
        Reason::ours(match self {
            Self::Name => "name_not_resolved",
            Self::Connect(_) => "connect_failed",
            Self::Tls(_) => "tls_failed",
            Self::Protocol => "protocol_refused",
            Self::ProxyUnreachable => "proxy_unreachable",
            Self::ProxyCredentials => "proxy_credentials_refused",
            Self::ProxyRefused(_) => "proxy_refused",
            Self::ProxyBroken => "proxy_broken",
            Self::Slow => "connect_timed_out",
        })
    }
}

impl Dialer {
    /// Opens connections under `tls`, straight, each within `limit` for everything.
    pub(super) fn new(tls: Arc<ClientConfig>, limit: Duration) -> Self {
        Self { tls: tls.into(), limit, egress: Arc::default(), book: Arc::default() }
    }

    /// Goes by the way of `egress`; `book` takes note of what its proxy lets through.
    pub(super) fn by(self, egress: Arc<Egress>, book: Arc<EgressBook>) -> Self {
        Self { egress, book, ..self }
    }

    /// A connection to `endpoint` on which the peer agreed to our one protocol.
    pub(super) async fn dial(&self, endpoint: &Endpoint) -> Result<TlsStream<TcpStream>, DialError> {
        tokio::time::timeout(self.limit, self.dial_unlimited(endpoint)).await.unwrap_or(Err(DialError::Slow))
    }

    async fn dial_unlimited(&self, endpoint: &Endpoint) -> Result<TlsStream<TcpStream>, DialError> {
        let tcp = match &self.egress.proxy {
            None => self.connect(endpoint.host(), endpoint.port()).await?,
            Some(proxy) => {
                let opened = self.tunnel(endpoint, proxy).await;
                self.book.note(endpoint.host(), opened.as_ref().err().map(DialError::reason));
                opened?
            }
        };
        // Small requests must not wait for one another in the kernel. A failure only costs latency.
        let _ = tcp.set_nodelay(true);
        let stream = self.tls.connect(endpoint.server_name(), tcp).await.map_err(DialError::Tls)?;
        let agreed = stream.get_ref().1.alpn_protocol().is_some();
        if agreed { Ok(stream) } else { Err(DialError::Protocol) }
    }
}

impl Dialer {
    async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, DialError> {
        // Looked up for each connection: the vendors spread their load by changing the answer.
        let found = tokio::net::lookup_host((host, port)).await.map_err(|_| DialError::Name)?;
        let bound = self.egress.bind_address;
        // An address of one family reaches none of the other.
        let addresses: Vec<SocketAddr> =
            found.filter(|found| bound.is_none_or(|own| own.is_ipv4() == found.is_ipv4())).collect();
        if addresses.is_empty() {
            return Err(DialError::Name);
        }
        connect_any(alternate(&addresses), bound).await.map_err(DialError::Connect)
    }

    /// The endpoint's name goes to the proxy as it is: it, and not this machine, resolves it.
    async fn tunnel(&self, endpoint: &Endpoint, proxy: &Proxy) -> Result<TcpStream, DialError> {
        let stream = self.connect(&proxy.host, proxy.port).await.map_err(|_| DialError::ProxyUnreachable)?;
        tunnel::open(stream, endpoint, proxy).await
    }
}

/// Address families in turn, beginning with the resolver's first (RFC 8305, section 4).
fn alternate(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let leader = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let mut leading = addresses.iter().filter(|address| address.is_ipv6() == leader);
    let mut following = addresses.iter().filter(|address| address.is_ipv6() != leader);
    let mut ordered = Vec::with_capacity(addresses.len());
    loop {
        let pair = (leading.next(), following.next());
        if pair == (None, None) {
            return ordered;
        }
        ordered.extend(pair.0.into_iter().chain(pair.1));
    }
}

/// The first of `addresses` that takes a connection; each gets a head start before the next.
async fn connect_any(addresses: Vec<SocketAddr>, bound: Option<IpAddr>) -> io::Result<TcpStream> {
    let mut untried = addresses.into_iter();
    let mut attempts = FuturesUnordered::new();
    let mut last_error = io::Error::from(io::ErrorKind::AddrNotAvailable);
    loop {
        match untried.next() {
            Some(address) => attempts.push(connect(address, bound)),
            None if attempts.is_empty() => return Err(last_error),
            None => {}
        }
        let is_last = untried.len() == 0;
        tokio::select! {
            Some(result) = attempts.next() => match result {
                Ok(stream) => return Ok(stream),
                Err(error) => last_error = error,
            },
            () = tokio::time::sleep(HEAD_START), if !is_last => {}
        }
    }
}

async fn connect(address: SocketAddr, bound: Option<IpAddr>) -> io::Result<TcpStream> {
    let Some(own) = bound else { return TcpStream::connect(address).await };
    let socket = if own.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.bind(SocketAddr::new(own, 0))?;
    socket.connect(address).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_families_take_turns() {
        let of = |text: &str| text.parse::<SocketAddr>().unwrap();
        let (six, six_too) = (of("[::1]:1"), of("[::2]:1"));
        let (four, four_too) = (of("127.0.0.1:1"), of("127.0.0.2:1"));
        assert_eq!(alternate(&[six, six_too, four, four_too]), [six, four, six_too, four_too]);
        assert_eq!(alternate(&[four, four_too]), [four, four_too]);
    }

    #[tokio::test]
    async fn an_address_that_refuses_does_not_hide_one_that_answers() {
        let open = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let shut = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (open_at, shut_at) = (open.local_addr().unwrap(), shut.local_addr().unwrap());
        drop(shut);

        let stream = connect_any(vec![shut_at, open_at], None).await.unwrap();

        assert_eq!(stream.peer_addr().unwrap(), open_at);
    }

    #[tokio::test]
    async fn a_connection_begins_at_the_address_that_the_operator_named() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own: IpAddr = "127.0.0.2".parse().unwrap();

        let stream = connect_any(vec![listener.local_addr().unwrap()], Some(own)).await.unwrap();

        assert_eq!(stream.local_addr().unwrap().ip(), own);
    }
}

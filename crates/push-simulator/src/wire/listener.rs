//! A listening socket of one host.
//!
//! Owns accepting and TLS. All connections live in the listener's own set of tasks, so that they end with it.
//! Read next: `http2`, `http1`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::certificates::Certificates;
use crate::host::Host;
use crate::start_error::StartError;
use crate::wire::{http1, http2};
use crate::world::World;

/// How long a listener rests after it could not accept a connection.
const PAUSE: Duration = Duration::from_millis(10);

/// No TLS record begins like this (RFC 8446 section 5.1).
const NO_TLS: &[u8] = b"220 this host speaks no TLS\r\n";

/// A socket that listens, and where.
#[derive(Debug)]
pub(crate) struct Listener {
    listener: TcpListener,
    pub(crate) address: SocketAddr,
}

impl Listener {
    /// Listens.
    pub(crate) async fn bind(address: SocketAddr) -> Result<Self, StartError> {
        let failed = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address })
    }

    /// Serves a host over TLS, for ever; dropping the future closes all its connections.
    pub(crate) async fn serve(self, world: Arc<World>, host: Host, certificates: Arc<Certificates>) {
        let tls =
            if host.environment().is_some() { &certificates.h2_only } else { &certificates.h2_and_http1 };
        let acceptor = TlsAcceptor::from(Arc::clone(tls));
        let mut connections = JoinSet::new();
        loop {
            if let Some(stream) = self.accept(&mut connections).await {
                connections.spawn(connect(Arc::clone(&world), host, acceptor.clone(), stream));
            }
        }
    }

    /// The next connection; `None` where one ended first, or could not be accepted.
    pub(crate) async fn accept(&self, connections: &mut JoinSet<()>) -> Option<TcpStream> {
        let accepted = tokio::select! {
            accepted = self.listener.accept() => accepted,
            Some(_ended) = connections.join_next() => return None,
        };
        if accepted.is_err() {
            // Out of file descriptors, most likely: asking again at once would only burn the processor.
            tokio::time::sleep(PAUSE).await;
        }
        accepted.ok().map(|(stream, _)| stream)
    }
}

async fn connect(world: Arc<World>, host: Host, acceptor: TlsAcceptor, mut stream: TcpStream) {
    // Answers are small and awaited: Nagle's algorithm would only hold them back.
    let _kept_waiting = stream.set_nodelay(true);
    if world.script.breaks_handshake(host) {
        // After the client's first words: a socket that is closed with something unread resets what was written.
        let _its_hello = stream.read(&mut [0; 4096]).await;
        let _it_left = stream.write_all(NO_TLS).await;
        return;
    }
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let is_h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    match (is_h2, host.environment()) {
        (true, _) => http2::serve(&world, host, stream).await,
        // A client that did not ask for HTTP/2 in its TLS handshake has nothing to say to APNs.
        (false, Some(_)) => {}
        (false, None) => http1::serve(&world, host, stream).await,
    }
}

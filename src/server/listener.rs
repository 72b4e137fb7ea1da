//! Where the relay listens: TCP or a Unix socket.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};

use super::passed_sockets::PassedSockets;
use crate::config::ListenAt;

/// A bound listener.
#[derive(Debug)]
pub(super) enum Listener {
    Tcp(TcpListener),
    /// `path` is what this process made, and removes.
    Unix {
        listener: UnixListener,
        path: Option<PathBuf>,
    },
}

/// A connection of either kind.
pub(super) trait Connection: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Connection for T {}

impl Listener {
    /// Binds, or takes what was bound for us.
    pub(super) async fn bind(at: &ListenAt, passed: &mut PassedSockets) -> anyhow::Result<Self> {
        match at {
            ListenAt::Tcp(address) => Self::tcp(*address).await,
            ListenAt::Unix { path, mode } => Self::unix(path, *mode),
            ListenAt::Passed(name) => passed.take(name),
        }
    }

    /// Whether requests in the clear could come over a network.
    pub(super) fn is_open_to_a_network(&self) -> bool {
        self.address().is_some_and(|address| !address.ip().to_canonical().is_loopback())
    }

    /// Binds a TCP address.
    pub(super) async fn tcp(address: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}: is another program using it?"))?;
        Ok(Self::Tcp(listener))
    }

    /// Binds a Unix socket with these permissions. A socket that nobody listens on any more is replaced.
    pub(super) fn unix(path: &Path, mode: u32) -> anyhow::Result<Self> {
        let context = || format!("cannot listen on the socket {}", path.display());
        if std::os::unix::net::UnixStream::connect(path).is_ok() {
            anyhow::bail!("{}: another relay listens on it", context());
        }
        if let Ok(there) = std::fs::symlink_metadata(path) {
            anyhow::ensure!(there.file_type().is_socket(), "{}: another file is there", context());
            std::fs::remove_file(path).with_context(context)?;
        }
        let listener = UnixListener::bind(path).with_context(context)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).with_context(context)?;
        Ok(Self::Unix { listener, path: Some(path.to_owned()) })
    }

    /// The address, with the port that the system chose; `None` for a Unix socket.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(listener) => listener.local_addr().ok(),
            Self::Unix { .. } => None,
        }
    }

    /// The next connection, and the address of who is at its other end; `None` at a Unix socket.
    pub(super) async fn accept(&self) -> io::Result<(Box<dyn Connection>, Option<IpAddr>)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, peer) = listener.accept().await?;
                // Answers are small and waited for.
                stream.set_nodelay(true)?;
                Ok((Box::new(stream), Some(peer.ip())))
            }
            Self::Unix { listener, .. } => Ok((Box::new(listener.accept().await?.0), None)),
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Self::Unix { path: Some(path), .. } = self {
            // What is left behind is replaced at the next start.
            let _ = std::fs::remove_file(path);
        }
    }
}

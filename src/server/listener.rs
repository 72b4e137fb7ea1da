//! Where the relay listens: TCP or a Unix socket.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};

use crate::config::ListenAt;

/// A bound listener.
#[derive(Debug)]
pub(super) enum Listener {
    Tcp(TcpListener),
    Unix { listener: UnixListener, path: PathBuf },
}

/// A connection of either kind.
pub(super) trait Connection: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Connection for T {}

impl Listener {
    /// Binds.
    pub(super) async fn bind(at: &ListenAt) -> anyhow::Result<Self> {
        match at {
            ListenAt::Tcp(address) => Self::tcp(*address).await,
            // Whoever may reach a sender's socket is decided by the directory that it is in.
            ListenAt::Unix(path) => Self::unix(path, 0o666),
        }
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
        Ok(Self::Unix { listener, path: path.to_owned() })
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
        if let Self::Unix { path, .. } = self {
            // What is left behind is replaced at the next start.
            let _ = std::fs::remove_file(path);
        }
    }
}

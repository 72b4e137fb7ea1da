//! Sockets that a service manager bound and passed to this process: it may then bind port 443 for a relay without
//! privileges, and hold connections while the relay restarts.

use anyhow::{Context, anyhow, bail};
use listenfd::ListenFd;
use tokio::net::{TcpListener, UnixListener};

use super::listener::Listener;
use crate::config::passed_socket_names;

/// The sockets that were passed and not yet taken.
pub(super) struct PassedSockets {
    sockets: ListenFd,
    names: Vec<String>,
}

impl PassedSockets {
    /// Those of this process; none where nobody passed any.
    pub(super) fn of_this_process() -> Self {
        Self { sockets: ListenFd::from_env(), names: passed_socket_names() }
    }

    /// Takes the socket of this name.
    pub(super) fn take(&mut self, name: &str) -> anyhow::Result<Listener> {
        let Some(place) = self.names.iter().take(self.sockets.len()).position(|passed| passed == name) else {
            let passed = &self.names[..self.sockets.len().min(self.names.len())];
            bail!(
                "no socket `{name}` was passed to the relay (passed: {}). `listen.systemd_socket` is the name of the \
                 socket unit, or its FileDescriptorName=; start the relay through that unit",
                if passed.is_empty() { "none".to_owned() } else { passed.join(", ") }
            );
        };
        // Two sockets of one unit have one name: each is taken once.
        self.names[place].clear();
        let context = || format!("the socket `{name}` that was passed to the relay cannot be used");
        if let Ok(socket) = self.sockets.take_tcp_listener(place) {
            let socket = socket.ok_or_else(|| anyhow!("it was taken before")).with_context(context)?;
            socket.set_nonblocking(true).with_context(context)?;
            return Ok(Listener::Tcp(TcpListener::from_std(socket).with_context(context)?));
        }
        let socket = self.sockets.take_unix_listener(place).with_context(context)?;
        let socket = socket.ok_or_else(|| anyhow!("it was taken before")).with_context(context)?;
        socket.set_nonblocking(true).with_context(context)?;
        let listener = UnixListener::from_std(socket).with_context(context)?;
        Ok(Listener::Unix { listener, path: None })
    }
}

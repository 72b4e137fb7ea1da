//! `[operator]`: where the operator reaches the relay.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::ConfigError;
use super::listen::socket_path;
use super::source::Source;

/// The operator's listeners.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorListen {
    /// `/metrics` and `/readyz`; loopback only.
    pub address: SocketAddr,
    /// The administrative commands; a Unix socket of mode 0600.
    pub socket: PathBuf,
}

/// `[operator]` as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct OperatorText {
    address: SocketAddr,
    socket: Option<PathBuf>,
}

impl Default for OperatorText {
    fn default() -> Self {
        Self { address: SocketAddr::from(([127, 0, 0, 1], 8481)), socket: None }
    }
}

impl OperatorText {
    /// Checks both; the socket lies beside the database where none is named.
    pub(super) fn check(self, source: &Source<'_>, database: &Path) -> Result<OperatorListen, ConfigError> {
        if !self.address.ip().is_loopback() {
            return Err(source.refuse(
                "operator.address",
                format!(
                    "{} can be reached from other machines, and this listener asks for no token (operator tokens are not built yet). \
                     Use 127.0.0.1, and an SSH tunnel or a proxy with its own authentication from outside",
                    self.address
                ),
            ));
        }
        let beside = || database.with_file_name("operator.sock");
        let socket = self.socket.map_or_else(beside, |socket| source.path(&socket));
        Ok(OperatorListen { address: self.address, socket: socket_path(source, "operator.socket", socket)? })
    }
}

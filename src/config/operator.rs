//! `[operator]`: where the operator reaches the relay.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::ConfigError;
use super::listen::socket_path;
use super::source::Source;
use super::tls::{Tls, TlsText};

/// The operator's listeners.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorListen {
    /// `/metrics`, `/readyz` and the admin API.
    pub address: SocketAddr,
    /// With which certificate; `None` only on loopback.
    pub tls: Option<Tls>,
    /// The administrative commands; a Unix socket of mode 0600.
    pub socket: PathBuf,
}

impl OperatorListen {
    /// Whether `new` is the same, whatever certificate it shows and asks for.
    pub(super) fn same_but_certificate(&self, new: &Self) -> bool {
        let Self { address, tls, socket } = self;
        *address == new.address && *socket == new.socket && tls.is_some() == new.tls.is_some()
    }
}

/// `[operator]` as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct OperatorText {
    address: SocketAddr,
    tls: Option<TlsText>,
    socket: Option<PathBuf>,
}

impl Default for OperatorText {
    fn default() -> Self {
        Self { address: SocketAddr::from(([127, 0, 0, 1], 8481)), tls: None, socket: None }
    }
}

impl OperatorText {
    /// Checks both; the socket lies beside the database where none is named.
    pub(super) fn check(
        self,
        source: &mut Source<'_>,
        database: &Path,
    ) -> Result<OperatorListen, ConfigError> {
        if self.tls.as_ref().is_some_and(TlsText::is_ordered) {
            return Err(
                source.refuse("operator.tls", "needs `certificate` and `key`: `acme` is for [listen] alone")
            );
        }
        let tls = self.tls.map(|tls| tls.check(source, "operator.tls")).transpose()?;
        // Operators' tokens pass here: never over a network in the clear.
        if tls.is_none() && !self.address.ip().is_loopback() {
            return Err(source.refuse(
                "operator.address",
                format!(
                    "{} can be reached from other machines, and without TLS they would send operator tokens in the clear. \
                     Add `tls = {{ certificate = \"…\", key = \"…\" }}`, or listen on 127.0.0.1 and use an SSH tunnel",
                    self.address
                ),
            ));
        }
        let beside = || database.with_file_name("operator.sock");
        let socket = self.socket.map_or_else(beside, |socket| source.path(&socket));
        let socket = socket_path(source, "operator.socket", socket)?;
        Ok(OperatorListen { address: self.address, tls, socket })
    }
}

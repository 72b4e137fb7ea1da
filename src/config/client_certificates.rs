//! `client_ca_file` of a listener: clients that show a certificate.

use std::path::Path;

use rustls_pki_types::CertificateDer;
use serde::Deserialize;

use super::ConfigError;
use super::source::Source;

/// Which clients may finish the TLS handshake. Who they are is still said by their credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificates {
    /// The authorities that may vouch for a client; at least one.
    pub roots: Vec<CertificateDer<'static>>,
    /// What of a client that shows none.
    pub mode: ClientMode,
}

/// What of a client that shows no certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientMode {
    /// It gets no further.
    #[default]
    Required,
    /// It is let in; a certificate that does not hold is still refused.
    Optional,
}

impl ClientCertificates {
    /// Reads the authorities.
    pub(super) fn read(
        source: &Source<'_>,
        at: &str,
        path: &Path,
        mode: ClientMode,
    ) -> Result<Self, ConfigError> {
        let roots = source.read_certificates(&format!("{at}.client_ca_file"), path)?;
        Ok(Self { roots, mode })
    }
}

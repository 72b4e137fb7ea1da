//! `tls` of a listener: where its certificate comes from, and whose clients it lets in.

use std::path::PathBuf;

use serde::Deserialize;

use super::ConfigError;
use super::acme::{Acme, AcmeText};
use super::certificate_files::CertificateFiles;
use super::client_certificates::{ClientCertificates, ClientMode};
use super::source::Source;

/// How a listener ends TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// Where its certificate comes from.
    pub certificate: TlsCertificate,
    /// Which certificates clients must show; `None`: they are not asked.
    pub clients: Option<ClientCertificates>,
}

/// Where a certificate comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsCertificate {
    /// From files, which somebody else renews.
    Files(CertificateFiles),
    /// From an ACME server, of which the relay asks it.
    Acme(Acme),
}

/// `tls` as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TlsText {
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    acme: Option<AcmeText>,
    client_ca_file: Option<PathBuf>,
    client_certificate: Option<ClientMode>,
}

impl TlsText {
    /// Whether an authority is to give the certificate.
    pub(super) fn is_ordered(&self) -> bool {
        self.acme.is_some()
    }

    /// Reads every file that it names. `at` is the key under which it stands.
    pub(super) fn check(self, source: &mut Source<'_>, at: &'static str) -> Result<Tls, ConfigError> {
        let certificate = match (self.certificate, self.key, self.acme) {
            (Some(certificate), Some(key), None) => {
                TlsCertificate::Files(CertificateFiles::read(source, at, &certificate, &key)?)
            }
            (None, None, Some(acme)) => TlsCertificate::Acme(acme.check(source)?),
            _ => return Err(source.refuse(at, "needs either `certificate` and `key`, or `acme`")),
        };
        let clients = match (self.client_ca_file, self.client_certificate) {
            (Some(path), mode) => {
                Some(ClientCertificates::read(source, at, &path, mode.unwrap_or_default())?)
            }
            (None, None) => None,
            (None, Some(_)) => {
                return Err(source.refuse(
                    &format!("{at}.client_certificate"),
                    "needs `client_ca_file`: the authority whose certificates clients show",
                ));
            }
        };
        Ok(Tls { certificate, clients })
    }
}

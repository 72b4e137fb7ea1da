//! `tls = { certificate, key }` of a listener.

use std::path::PathBuf;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde::Deserialize;

use super::ConfigError;
use super::published_keys::KeyFingerprint;
use super::source::Source;

/// What a TLS listener shows and proves.
#[derive(Debug)]
pub struct Tls {
    /// The certificate and those that lead to its root, in the file's order; at least one.
    pub certificates: Vec<CertificateDer<'static>>,
    /// The certificate's private key. Does not print.
    pub key: PrivateKeyDer<'static>,
}

impl Clone for Tls {
    fn clone(&self) -> Self {
        Self { certificates: self.certificates.clone(), key: self.key.clone_key() }
    }
}

/// `tls` as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TlsText {
    certificate: PathBuf,
    key: PathBuf,
}

impl TlsText {
    /// Reads both files.
    pub(super) fn check(self, source: &mut Source<'_>) -> Result<Tls, ConfigError> {
        let pem = source.read("listen.tls.certificate", &self.certificate)?;
        let certificates = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>();
        let certificates = certificates.ok().filter(|all| !all.is_empty()).ok_or_else(|| {
            source.refuse(
                "listen.tls.certificate",
                "holds no PEM certificate; give the full chain (`fullchain.pem`)",
            )
        })?;
        let pem = source.read_key("listen.tls.key", &self.key)?;
        let key = PrivateKeyDer::from_pem_slice(&pem).map_err(|_| {
            source.refuse("listen.tls.key", "holds no unencrypted PEM private key (`BEGIN PRIVATE KEY`)")
        })?;
        KeyFingerprint::of(key.secret_der()).refuse_published(source, "listen.tls.key")?;
        Ok(Tls { certificates, key })
    }
}

//! `tls = { certificate, key }` of a listener.

use std::path::PathBuf;

use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};
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
        check_that_they_fit(&certificates, &key).map_err(|problem| source.refuse("listen.tls", problem))?;
        Ok(Tls { certificates, key })
    }
}

/// Found out here, and not by the first client that is turned away.
fn check_that_they_fit(
    certificates: &[CertificateDer<'static>],
    key: &PrivateKeyDer<'static>,
) -> Result<(), &'static str> {
    let key = any_supported_type(key)
        .map_err(|_| "the key is of a kind that TLS here does not use; take ECDSA (P-256) or RSA")?;
    match CertifiedKey::new(certificates.to_vec(), key).keys_match() {
        Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => Ok(()),
        Err(Error::InconsistentKeys(_)) => Err(
            "the key is not the first certificate's; give the certificate before those that lead to its root",
        ),
        Err(_) => Err("the first certificate cannot be read"),
    }
}

//! `certificate` and `key` of a listener: PEM files, read again when they change.

use std::path::{Path, PathBuf};

use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::published_keys::KeyFingerprint;
use super::source::Source;
use super::{ConfigError, Mode};

/// What a listener shows and proves, and the files that it was read from.
#[derive(Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The certificate and those that lead to its root, in the file's order; at least one.
    pub certificates: Vec<CertificateDer<'static>>,
    /// The certificate's private key. Does not print.
    pub key: PrivateKeyDer<'static>,
    config: PathBuf,
    mode: Mode,
    certificate_file: PathBuf,
    key_file: PathBuf,
}

impl Clone for CertificateFiles {
    fn clone(&self) -> Self {
        Self {
            certificates: self.certificates.clone(),
            key: self.key.clone_key(),
            config: self.config.clone(),
            mode: self.mode,
            certificate_file: self.certificate_file.clone(),
            key_file: self.key_file.clone(),
        }
    }
}

impl CertificateFiles {
    /// Reads both files.
    pub(super) fn read(
        source: &mut Source<'_>,
        certificate_file: &Path,
        key_file: &Path,
    ) -> Result<Self, ConfigError> {
        let certificates = source.read_certificates("listen.tls.certificate", certificate_file)?;
        let pem = source.read_key("listen.tls.key", key_file)?;
        let key = PrivateKeyDer::from_pem_slice(&pem).map_err(|_| {
            source.refuse("listen.tls.key", "holds no unencrypted PEM private key (`BEGIN PRIVATE KEY`)")
        })?;
        KeyFingerprint::of(key.secret_der()).refuse_published(source, "listen.tls.key")?;
        check_that_they_fit(&certificates, &key).map_err(|problem| source.refuse("listen.tls", problem))?;
        Ok(Self {
            certificates,
            key,
            config: source.file.to_owned(),
            mode: source.mode,
            certificate_file: certificate_file.to_owned(),
            key_file: key_file.to_owned(),
        })
    }

    /// Reads the same files again, by the same rules.
    pub fn read_again(&self) -> Result<Self, ConfigError> {
        let (mut warnings, mut key_files) = (Vec::new(), Vec::new());
        let (file, mode) = (&self.config, self.mode);
        let mut source = Source { file, mode, warnings: &mut warnings, key_files: &mut key_files };
        Self::read(&mut source, &self.certificate_file, &self.key_file)
    }

    /// Where the files are.
    #[must_use]
    pub fn paths(&self) -> [PathBuf; 2] {
        let beside = self.config.parent().unwrap_or(Path::new(""));
        [beside.join(&self.certificate_file), beside.join(&self.key_file)]
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

//! Which certificate authorities a client believes.

use std::path::Path;
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

/// A TLS client's settings: the roots that it trusts, and HTTP/2 before HTTP/1.1.
#[derive(Debug, Clone)]
pub(crate) struct Trust(pub(super) Arc<ClientConfig>);

/// Why no trust could be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TrustError {
    /// The file cannot be read.
    #[error("the certificate authority's file {file} cannot be read: {error}")]
    Read {
        /// Which.
        file: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// The file holds no certificate.
    #[error("{0} holds no PEM certificate (`BEGIN CERTIFICATE`)")]
    NoCertificate(String),
}

impl Trust {
    /// Trusts the public roots, or only the one in `ca_file` where one is named.
    pub(crate) fn new(ca_file: Option<&Path>) -> Result<Self, TrustError> {
        let mut roots = RootCertStore::empty();
        match ca_file {
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Some(file) => {
                let shown = file.display().to_string();
                let pem =
                    std::fs::read(file).map_err(|error| TrustError::Read { file: shown.clone(), error })?;
                let certificates: Vec<_> = CertificateDer::pem_slice_iter(&pem).flatten().collect();
                if roots.add_parsable_certificates(certificates).0 == 0 {
                    return Err(TrustError::NoCertificate(shown));
                }
            }
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider knows TLS 1.2 and 1.3")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config)))
    }
}

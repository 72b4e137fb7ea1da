//! Which certificates of push services are believed.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;

/// The certificate authorities that may vouch for a push service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum TlsRoots {
    /// Those that browsers trust, as of this build. Apple's and Google's chains end in them.
    #[default]
    WebPki,
    /// These alone: for networks that inspect TLS, and for a vendor's new root that this build does not know.
    Only(Vec<CertificateDer<'static>>),
}

/// Why certificates cannot serve as roots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the CA bundle holds no certificate, or one that cannot be read")]
pub struct TlsRootsError;

/// Which protocol is offered to the peer (RFC 7301).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alpn {
    /// HTTP/2, for pushes.
    H2,
    /// HTTP/1.1, for the hourly exchange of an OAuth token.
    Http1,
}

impl TlsRoots {
    /// TLS 1.2 and 1.3 with these roots.
    pub(super) fn client_config(&self, alpn: Alpn) -> Result<Arc<ClientConfig>, TlsRootsError> {
        // The provider is named: two in one binary would make the process default a matter of luck.
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider speaks TLS 1.2 and 1.3")
            .with_root_certificates(self.store()?)
            .with_no_client_auth();
        config.alpn_protocols = vec![match alpn {
            Alpn::H2 => b"h2".to_vec(),
            Alpn::Http1 => b"http/1.1".to_vec(),
        }];
        Ok(Arc::new(config))
    }

    fn store(&self) -> Result<RootCertStore, TlsRootsError> {
        let mut store = RootCertStore::empty();
        match self {
            Self::WebPki => store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Self::Only(certificates) => {
                for certificate in certificates {
                    store.add(certificate.clone()).map_err(|_| TlsRootsError)?;
                }
            }
        }
        if store.is_empty() { Err(TlsRootsError) } else { Ok(store) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_without_certificate_is_refused() {
        for bad in [vec![], vec![CertificateDer::from(vec![0; 8])]] {
            assert!(TlsRoots::Only(bad).client_config(Alpn::H2).is_err());
        }
    }

    #[test]
    fn the_built_in_roots_offer_what_was_asked() {
        let config = TlsRoots::WebPki.client_config(Alpn::H2).unwrap();
        assert_eq!(config.alpn_protocols, [b"h2"]);
    }
}

//! The relay's own TLS.

use std::sync::Arc;

use anyhow::Context;
use tokio_rustls::TlsAcceptor;

use crate::config::Tls;

/// Accepts TLS 1.2 and 1.3 with HTTP/2 and HTTP/1.1.
pub(super) fn acceptor(tls: &Tls) -> anyhow::Result<TlsAcceptor> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .context("the TLS library offers TLS 1.2 and 1.3")?
        .with_no_client_auth()
        .with_single_cert(tls.certificates.clone(), tls.key.clone_key())
        .context("the certificate and the key of listen.tls do not belong together")?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

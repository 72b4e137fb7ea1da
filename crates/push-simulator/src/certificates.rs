//! The simulator's own certificate authority, and the TLS settings of its hosts.
//!
//! Owns key and certificate of one CA per simulator and one server certificate below it. Nothing is read from
//! or written to disk. Read next: `listener`.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::start_error::StartError;

/// TLS settings of all hosts, and the CA that a client has to trust.
#[derive(Debug)]
pub(crate) struct Certificates {
    pub(crate) ca_pem: String,
    /// Offers HTTP/2 alone: APNs speaks nothing else.
    pub(crate) h2_only: Arc<ServerConfig>,
    /// Offers HTTP/2 and HTTP/1.1, like Google's hosts.
    pub(crate) h2_and_http1: Arc<ServerConfig>,
}

impl Certificates {
    /// Makes new keys and certificates for `localhost`, `127.0.0.1` and `::1`.
    pub(crate) fn generate() -> Result<Self, StartError> {
        let ca_key = KeyPair::generate()?;
        let mut ca = CertificateParams::default();
        ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        ca.distinguished_name.push(DnType::CommonName, "Push simulator CA");
        let ca_certificate = ca.self_signed(&ca_key)?;
        let issuer = Issuer::new(ca, ca_key);

        let key = KeyPair::generate()?;
        let mut leaf = CertificateParams::new(["localhost", "127.0.0.1", "::1"].map(str::to_owned))?;
        leaf.use_authority_key_identifier_extension = true;
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.distinguished_name.push(DnType::CommonName, "Push simulator");
        let certificate = leaf.signed_by(&key, &issuer)?;

        let tls = |protocols: &[&[u8]]| -> Result<Arc<ServerConfig>, StartError> {
            let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
            // One provider, named: a second one in the same binary would make the default builder panic.
            let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
            let mut config = ServerConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()?
                .with_no_client_auth()
                .with_single_cert(vec![certificate.der().clone()], key)?;
            config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
            Ok(Arc::new(config))
        };
        Ok(Self {
            ca_pem: ca_certificate.pem(),
            h2_only: tls(&[b"h2"])?,
            h2_and_http1: tls(&[b"h2", b"http/1.1"])?,
        })
    }
}

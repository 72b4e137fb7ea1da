//! A client that looks at the relay's certificate, and may show one of its own.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::Authority;
use super::authority::Issued;
use crate::support::{Client, World};

/// A client of one relay.
pub(super) struct TlsClient {
    address: SocketAddr,
    config: Arc<ClientConfig>,
}

/// What it saw.
#[derive(Debug)]
pub(super) struct Seen {
    /// The relay's certificate.
    pub(super) certificate: CertificateDer<'static>,
    /// The answer to `GET /healthz`.
    pub(super) answer: String,
}

impl TlsClient {
    /// A client that believes `authority`, and shows `own` if asked.
    pub(super) fn new(world: &World, authority: &Authority, own: Option<&Issued>) -> Self {
        let Client::Tcp(address) = world.relay else { panic!("the relay listens on TCP") };
        let mut roots = RootCertStore::empty();
        roots.add(der(&authority.pem())).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let config = match own {
            None => config.with_no_client_auth(),
            Some(own) => {
                let key = PrivateKeyDer::from_pem_slice(own.key.as_bytes()).unwrap();
                config.with_client_auth_cert(vec![der(&own.certificate)], key).unwrap()
            }
        };
        Self { address, config: Arc::new(config) }
    }

    /// Connects anew.
    pub(super) async fn connect(&self) -> io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(self.address).await?;
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::clone(&self.config)).connect(name, stream).await
    }

    /// Connects anew and asks `GET /healthz`. TLS 1.3 tells a client only then that it was refused.
    pub(super) async fn see(&self) -> io::Result<Seen> {
        let mut stream = self.connect().await?;
        let certificate = stream.get_ref().1.peer_certificates().unwrap()[0].clone().into_owned();
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok(Seen { certificate, answer: String::from_utf8_lossy(&answer).into_owned() })
    }
}

/// The first certificate of a PEM text.
pub(super) fn der(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
}

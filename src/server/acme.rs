//! Gets a listener's certificate from an ACME authority, and renews it (RFC 8555, RFC 8737).

use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use async_trait::async_trait;
use futures_util::StreamExt;
use rustls::{ClientConfig, RootCertStore};
use rustls_acme::caches::DirCache;
use rustls_acme::{
    AccountCache, AcmeConfig, AcmeState, CertCache, EventOk, ResolvesServerCertAcme, UseChallenge,
};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tokio_util::sync::CancellationToken;

use super::tls::{TlsDoor, ends_at};
use crate::base::UnixMillis;
use crate::config::Acme;

/// What a directory of private keys gives to nobody but its owner.
const GROUP_AND_OTHERS: u32 = 0o077;

/// The order of one certificate, again and again.
pub(super) struct AcmeOrder {
    state: AcmeState<io::Error>,
    ends_at: Arc<Mutex<Option<UnixMillis>>>,
    directory: String,
}

impl AcmeOrder {
    /// Makes the cache; asks nobody anything yet.
    pub(super) fn new(acme: &Acme) -> anyhow::Result<Self> {
        make_cache(acme)?;
        let mut roots = RootCertStore::empty();
        match &acme.roots {
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Some(certificates) => {
                for certificate in certificates {
                    roots.add(certificate.clone()).context("listen.tls.acme.ca_file")?;
                }
            }
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .context("the TLS library offers TLS 1.2 and 1.3")?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let ends_at = Arc::new(Mutex::new(None));
        let cache = Cache { files: DirCache::new(acme.cache_dir.clone()), ends_at: Arc::clone(&ends_at) };
        let state = AcmeConfig::new_with_client_config(&acme.domains, Arc::new(client))
            .contact(&acme.contact)
            .directory(&acme.directory)
            .challenge_type(UseChallenge::TlsAlpn01)
            .cache(cache)
            .state();
        Ok(Self { state, ends_at, directory: acme.directory.clone() })
    }

    /// What shows the certificate, and answers the authority's challenge.
    pub(super) fn resolver(&self) -> Arc<ResolvesServerCertAcme> {
        self.state.resolver()
    }

    /// Orders and renews until `shutdown`. After a failure the next try comes after 1 s, 2 s, 4 s and so on, up to 18 h.
    pub(super) async fn run(mut self, door: Arc<TlsDoor>, shutdown: CancellationToken) {
        loop {
            let event = tokio::select! {
                () = shutdown.cancelled() => return,
                event = self.state.next() => event,
            };
            let host = &self.directory;
            match event {
                None => return,
                Some(Ok(EventOk::DeployedCachedCert | EventOk::DeployedNewCert)) => {
                    self.given(&door);
                    tracing::info!(%host, listener = %door.certificate().listener, "the certificate is in use");
                }
                // Its end is known from here on.
                Some(Ok(EventOk::CertCacheStore)) => self.given(&door),
                Some(Ok(EventOk::AccountCacheStore)) => {}
                // What the authority says of our own name and address.
                Some(Err(error)) => {
                    tracing::error!(%host, %error, "no certificate from the ACME authority; it is asked again");
                    door.not_given(error.to_string());
                }
            }
        }
    }

    fn given(&self, door: &TlsDoor) {
        door.given(*self.ends_at.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// The account's key and the certificate's are in it.
fn make_cache(acme: &Acme) -> anyhow::Result<()> {
    let shown = acme.cache_dir.display();
    match std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&acme.cache_dir) {
        Ok(()) => {}
        Err(error) => {
            return Err(error).with_context(|| {
                format!(
                    "cannot make listen.tls.acme.cache_dir {shown}. Name a folder that the relay can write to, such as one beside the database"
                )
            });
        }
    }
    let mode = std::fs::metadata(&acme.cache_dir)
        .with_context(|| format!("cannot read listen.tls.acme.cache_dir {shown}"))?
        .permissions()
        .mode();
    anyhow::ensure!(
        mode & GROUP_AND_OTHERS == 0,
        "listen.tls.acme.cache_dir {shown} can be read by others, and private keys are kept there. Run `chmod 700 {shown}`"
    );
    Ok(())
}

/// Files, of which the last certificate's end is noted on the way.
struct Cache {
    files: DirCache<PathBuf>,
    ends_at: Arc<Mutex<Option<UnixMillis>>>,
}

impl Cache {
    /// `pem` holds the key, then the certificate and its chain.
    fn note(&self, pem: &[u8]) {
        let ends = CertificateDer::from_pem_slice(pem).ok().and_then(|certificate| ends_at(&certificate));
        *self.ends_at.lock().unwrap_or_else(PoisonError::into_inner) = ends;
    }
}

#[async_trait]
impl CertCache for Cache {
    type EC = io::Error;

    async fn load_cert(&self, domains: &[String], directory: &str) -> io::Result<Option<Vec<u8>>> {
        let pem = self.files.load_cert(domains, directory).await?;
        if let Some(pem) = &pem {
            self.note(pem);
        }
        Ok(pem)
    }

    async fn store_cert(&self, domains: &[String], directory: &str, pem: &[u8]) -> io::Result<()> {
        self.note(pem);
        self.files.store_cert(domains, directory, pem).await
    }
}

#[async_trait]
impl AccountCache for Cache {
    type EA = io::Error;

    async fn load_account(&self, contact: &[String], directory: &str) -> io::Result<Option<Vec<u8>>> {
        self.files.load_account(contact, directory).await
    }

    async fn store_account(&self, contact: &[String], directory: &str, key: &[u8]) -> io::Result<()> {
        self.files.store_account(contact, directory, key).await
    }
}

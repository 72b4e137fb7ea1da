//! The relay's own TLS: one listener's certificate, which can change while connections come in.
//!
//! Must not know where certificates come from: `certificate_watch.rs` and `acme.rs` do.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context;
use rustls::server::{Acceptor, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{RootCertStore, ServerConfig};
use rustls_acme::{ResolvesServerCertAcme, is_tls_alpn_challenge};
use rustls_pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;
use x509_parser::parse_x509_certificate;

use crate::base::{Live, UnixMillis};
use crate::config::{CertificateFiles, ClientCertificates, ClientMode, Tls, TlsCertificate};

/// How a listener ends TLS, now.
pub(super) struct TlsDoor {
    listener: String,
    config: Live<ServerConfig>,
    acme: Option<AcmeDoor>,
    state: Mutex<State>,
}

/// What a listener needs to prove its name to an ACME authority.
struct AcmeDoor {
    resolver: Arc<ResolvesServerCertAcme>,
    challenge: Arc<ServerConfig>,
}

struct State {
    files: Option<CertificateFiles>,
    clients: Option<ClientCertificates>,
    ends_at: Option<UnixMillis>,
    problem: Option<String>,
}

/// A configuration that holds, ready to be installed.
pub(super) struct Prepared {
    config: ServerConfig,
    tls: Tls,
    ends_at: Option<UnixMillis>,
}

/// What the operator sees of a listener's certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CertificateState {
    /// The listener.
    pub(super) listener: String,
    /// When the certificate ends; `None` while there is none.
    pub(super) ends_at: Option<UnixMillis>,
    /// Why the newest certificate cannot be used, or could not be had.
    pub(super) problem: Option<String>,
}

impl TlsDoor {
    /// A door that shows the certificate of `tls`; `resolver` where an authority gives it.
    pub(super) fn new(
        listener: String,
        tls: &Tls,
        resolver: Option<Arc<ResolvesServerCertAcme>>,
    ) -> anyhow::Result<Self> {
        let acme = resolver.map(AcmeDoor::new).transpose()?;
        let Prepared { config, tls, ends_at } = prepare(tls, acme.as_ref())?;
        let state = Mutex::new(State {
            files: files_of(&tls).cloned(),
            clients: tls.clients,
            ends_at,
            problem: None,
        });
        Ok(Self { listener, config: Live::new(config), acme, state })
    }

    /// Makes the configuration of `tls`; nothing changes yet.
    pub(super) fn prepare(&self, tls: &Tls) -> anyhow::Result<Prepared> {
        prepare(tls, self.acme.as_ref())
    }

    /// Takes a configuration over. Connections that exist go on with theirs.
    pub(super) fn install(&self, Prepared { config, tls, ends_at }: Prepared) {
        let mut state = self.state();
        state.files = files_of(&tls).cloned();
        state.clients = tls.clients;
        if state.files.is_some() {
            state.ends_at = ends_at;
            state.problem = None;
        }
        drop(state);
        self.config.set(config);
    }

    /// The files whose certificate is shown, and where they are; `None` where it comes from an authority.
    pub(super) fn paths(&self) -> Option<[PathBuf; 2]> {
        self.state().files.as_ref().map(CertificateFiles::paths)
    }

    /// Reads the files again, and shows what they hold now; whether that is other than before. Where they cannot be
    /// used, the old certificate is shown on, and the state says why.
    pub(super) fn read_again(&self) -> Result<bool, String> {
        let (files, clients, had_problem) = {
            let state = self.state();
            let Some(files) = &state.files else { return Ok(false) };
            (files.clone(), state.clients.clone(), state.problem.is_some())
        };
        let read = files.read_again().map_err(|error| error.to_string()).and_then(|read| {
            if read == files && !had_problem {
                return Ok(false);
            }
            let tls = Tls { certificate: TlsCertificate::Files(read), clients };
            self.prepare(&tls)
                .map(|prepared| self.install(prepared))
                .map_err(|error| format!("{error:#}"))?;
            Ok(true)
        });
        read.inspect_err(|problem| self.state().problem = Some(problem.clone()))
    }

    /// An authority gave a certificate.
    pub(super) fn given(&self, ends_at: Option<UnixMillis>) {
        let mut state = self.state();
        state.ends_at = ends_at.or(state.ends_at);
        state.problem = None;
    }

    /// An authority gave none.
    pub(super) fn not_given(&self, problem: String) {
        self.state().problem = Some(problem);
    }

    /// What the operator sees.
    pub(super) fn certificate(&self) -> CertificateState {
        let state = self.state();
        CertificateState {
            listener: self.listener.clone(),
            ends_at: state.ends_at,
            problem: state.problem.clone(),
        }
    }

    /// The TLS handshake of `stream`; `None` where it fails, or was an authority's question (RFC 8737).
    pub(super) async fn accept<S>(&self, stream: S) -> Option<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let hello = LazyConfigAcceptor::new(Acceptor::default(), stream).await.ok()?;
        match &self.acme {
            // Section 3: the handshake itself is the answer, and the connection then ends.
            Some(acme) if is_tls_alpn_challenge(&hello.client_hello()) => {
                let mut answered = hello.into_stream(Arc::clone(&acme.challenge)).await.ok()?;
                let _ = answered.shutdown().await;
                None
            }
            _ => hello.into_stream(self.config.get()).await.ok(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AcmeDoor {
    fn new(resolver: Arc<ResolvesServerCertAcme>) -> anyhow::Result<Self> {
        let as_resolver: Arc<dyn ResolvesServerCert> = Arc::clone(&resolver) as _;
        // An authority shows no certificate of its own.
        let mut challenge = server_config(None, as_resolver)?;
        challenge.alpn_protocols = vec![b"acme-tls/1".to_vec()];
        Ok(Self { resolver, challenge: Arc::new(challenge) })
    }
}

fn files_of(tls: &Tls) -> Option<&CertificateFiles> {
    match &tls.certificate {
        TlsCertificate::Files(files) => Some(files),
        TlsCertificate::Acme(_) => None,
    }
}

fn prepare(tls: &Tls, acme: Option<&AcmeDoor>) -> anyhow::Result<Prepared> {
    let (resolver, ends_at): (Arc<dyn ResolvesServerCert>, _) = match (files_of(tls), acme) {
        (Some(files), _) => {
            let provider = rustls::crypto::aws_lc_rs::default_provider();
            let shown = CertifiedKey::from_der(files.certificates.clone(), files.key.clone_key(), &provider)
                .context("the certificate and the key of listen.tls do not belong together")?;
            (Arc::new(SingleCertAndKey::from(shown)), ends_at(&files.certificates[0]))
        }
        (None, Some(acme)) => (Arc::clone(&acme.resolver) as _, None),
        (None, None) => anyhow::bail!("the listener has no certificate"),
    };
    let mut config = server_config(tls.clients.as_ref(), resolver)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Prepared { config, tls: tls.clone(), ends_at })
}

/// TLS 1.2 and 1.3.
fn server_config(
    clients: Option<&ClientCertificates>,
    certificate: Arc<dyn ResolvesServerCert>,
) -> anyhow::Result<ServerConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .context("the TLS library offers TLS 1.2 and 1.3")?;
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(clients) => {
            let mut roots = RootCertStore::empty();
            for root in &clients.roots {
                roots.add(root.clone()).context("a certificate of listen.tls.client_ca_file is no root")?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            let verifier = match clients.mode {
                ClientMode::Required => verifier,
                ClientMode::Optional => verifier.allow_unauthenticated(),
            };
            builder.with_client_cert_verifier(verifier.build().context("listen.tls.client_ca_file")?)
        }
    };
    Ok(builder.with_cert_resolver(certificate))
}

/// When a certificate ends (RFC 5280, section 4.1.2.5).
pub(super) fn ends_at(certificate: &CertificateDer<'_>) -> Option<UnixMillis> {
    let (_, certificate) = parse_x509_certificate(certificate).ok()?;
    Some(UnixMillis(certificate.validity().not_after.timestamp().saturating_mul(1000)))
}

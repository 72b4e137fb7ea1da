//! The way to the administrative actions: over the running relay's socket, or in this process where none runs.
//!
//! Both ways end at the same routes, so that a command does the same and prints the same on either.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, HOST};
use http::{Method, Request, Response};
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;
use tokio::time::timeout;
use tower::ServiceExt;

use super::relay_user::check_relay_user;
use crate::api::admin::{admin_routes, key_routes, limit_routes};
use crate::base::{Clock, Entropy, Live, OsEntropy, SystemClock};
use crate::config::Config;
use crate::intake::{Connections, RateLimits};
use crate::model::Quotas;
use crate::operator::checks::{ClosedWay, HeldCredential, RelaySeen, RunningRelay, ShownCertificate};
use crate::operator::{Keys, Operator};
use crate::privacy::{RegistrationKeys, StorageKeyring};
use crate::storage::StorageError;
use crate::storage::sqlite::{Location, SqliteStore};

/// How long a relay may take to say how it is.
const READY_WITHIN: Duration = Duration::from_secs(5);
/// How long a relay may take to do what it is asked: longer than any action takes on a busy machine.
const DONE_WITHIN: Duration = Duration::from_mins(1);

/// The way to the administrative actions.
pub(crate) enum OperatorLink {
    /// A relay runs: it alone may touch the database.
    Running(PathBuf),
    /// None runs: this process holds the database's lock until this value is dropped.
    Here(Router),
}

/// The members of a problem document (RFC 9457) that a person at a terminal needs.
#[derive(serde::Deserialize)]
struct Problem {
    detail: String,
}

/// What `/readyz` says.
#[derive(serde::Deserialize)]
struct Readiness {
    store: String,
    credentials: Vec<CredentialReadiness>,
    certificates: Vec<CertificateReadiness>,
    egress: Vec<EgressReadiness>,
}

#[derive(serde::Deserialize)]
struct CredentialReadiness {
    app: String,
    push_service: String,
    state: String,
    reason: Option<String>,
}

#[derive(serde::Deserialize)]
struct CertificateReadiness {
    listener: String,
    ends_at: Option<String>,
    problem: Option<String>,
}

#[derive(serde::Deserialize)]
struct EgressReadiness {
    host: String,
    reason: String,
}

impl From<Readiness> for RunningRelay {
    fn from(readiness: Readiness) -> Self {
        let held = readiness.credentials.into_iter().filter(|one| one.state == "held");
        let held = held.map(|one| HeldCredential {
            app: one.app,
            push_service: one.push_service,
            reason: one.reason.unwrap_or_default(),
        });
        let certificates = readiness.certificates.into_iter();
        let certificates = certificates.map(|one| ShownCertificate {
            listener: one.listener,
            ends_at: one.ends_at,
            problem: one.problem,
        });
        let closed = readiness.egress.into_iter().map(|one| ClosedWay { host: one.host, reason: one.reason });
        Self {
            store: readiness.store,
            held: held.collect(),
            certificates: certificates.collect(),
            closed: closed.collect(),
        }
    }
}

impl OperatorLink {
    /// Finds the running relay of this config, or opens its database.
    pub(crate) async fn open(config: &Config) -> anyhow::Result<Self> {
        let socket = &config.operator.socket;
        match UnixStream::connect(socket).await {
            Ok(_) => Ok(Self::Running(socket.clone())),
            // No socket, or one that a relay left behind when it was killed.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
                Self::here(config).await
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Err(silent(socket)),
            Err(error) => Err(error).with_context(|| {
                format!(
                    "cannot open the operator's socket {}; run this as the relay's user, for example with `sudo -u sealpush`",
                    socket.display()
                )
            }),
        }
    }

    /// Looks whether a relay runs with this config, and what it says of itself.
    pub(crate) async fn look(config: &Config) -> RelaySeen {
        let socket = &config.operator.socket;
        let request = Request::get("/readyz").header(HOST, "localhost").header(CONNECTION, "close");
        let request = request.body(Body::empty()).expect("a path and two headers make a request");
        let answer = match UnixStream::connect(socket).await {
            Ok(_) => timeout(READY_WITHIN, over(socket, request)).await,
            // No socket, or one that a relay left behind when it was killed.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
                return RelaySeen::None;
            }
            // More wait at the socket than the system lets wait.
            Err(error) if error.kind() == ErrorKind::WouldBlock => return RelaySeen::Silent,
            Err(error) => return RelaySeen::Closed(error.to_string()),
        };
        let document = answer.ok().and_then(Result::ok);
        let document = document.and_then(|answer| serde_json::from_slice::<Readiness>(answer.body()).ok());
        match document {
            Some(document) => RelaySeen::Runs(document.into()),
            None => RelaySeen::Silent,
        }
    }

    async fn here(config: &Config) -> anyhow::Result<Self> {
        check_relay_user(config)?;
        let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
        let keyring = StorageKeyring::of(&config.storage);
        let location = Location::File(config.storage.path.clone());
        let store =
            match SqliteStore::open(&location, keyring, Arc::clone(&entropy)).await {
                Err(error @ StorageError::Locked(_)) => {
                    let socket = config.operator.socket.display();
                    return Err(anyhow!(error)
                        .context(format!("a relay seems to run, but does not listen on {socket}")));
                }
                store => store
                    .with_context(|| format!("cannot use the database {}", config.storage.path.display()))?,
            };
        let apps = Live::new(config.apps.iter().map(|app| app.app.clone()).collect());
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        // No relay runs, so nobody is at a limit.
        let limits = RateLimits::new(&Quotas::new(), &clock, Arc::clone(&entropy), Arc::default());
        let connections = Connections::new(usize::MAX, Arc::default());
        let registration_keys = Arc::new(RegistrationKeys::new(config.registration_keys.as_ref()));
        let keys = Keys::new(config, &store, registration_keys, Arc::clone(&clock));
        let operator = Operator::new(apps, &store, clock, entropy);
        let read = limit_routes(Arc::new(limits), connections).merge(key_routes(Arc::new(keys)));
        Ok(Self::Here(read.merge(admin_routes(Arc::new(operator)))))
    }

    /// Whether a relay runs.
    pub(crate) fn is_running(&self) -> bool {
        matches!(self, Self::Running(_))
    }

    /// Reads the document at `path`.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        let answer = self.call(Method::GET, path, None).await?;
        serde_json::from_slice(&answer)
            .context("the relay's answer is not understood; is it another release?")
    }

    /// Reads the text at `path`.
    pub(crate) async fn text(&self, path: &str) -> anyhow::Result<String> {
        let answer = self.call(Method::GET, path, None).await?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    /// Makes what `body` describes, and reads the document about it.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> anyhow::Result<T> {
        let answer = self.call(Method::POST, path, Some(serde_json::to_vec(body)?)).await?;
        serde_json::from_slice(&answer)
            .context("the relay's answer is not understood; is it another release?")
    }

    /// Removes what is at `path`, and reads the document about it.
    pub(crate) async fn delete<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        let answer = self.call(Method::DELETE, path, None).await?;
        serde_json::from_slice(&answer)
            .context("the relay's answer is not understood; is it another release?")
    }

    /// Does what has no answer but that it is done.
    pub(crate) async fn act(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> anyhow::Result<()> {
        self.call(method, path, body).await.map(drop)
    }

    async fn call(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> anyhow::Result<Bytes> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            // RFC 9112, section 3.2: a host is needed, also where there is only a socket.
            .header(HOST, "localhost")
            .header(CONNECTION, "close")
            .header(CONTENT_TYPE, "application/json")
            .body(Body::from(body.unwrap_or_default()))?;
        let response = match self {
            Self::Here(router) => collect(router.clone().oneshot(request).await?).await?,
            Self::Running(socket) => timeout(DONE_WITHIN, over(socket, request))
                .await
                .map_err(|_| silent(socket))?
                .with_context(|| format!("the relay at {} broke the connection off", socket.display()))?,
        };
        if response.status().is_success() {
            return Ok(response.into_body());
        }
        let problem: Option<Problem> = serde_json::from_slice(response.body()).ok();
        let status = response.status();
        Err(problem
            .map_or_else(|| anyhow!("the relay answered {status}"), |problem| anyhow!("{}", problem.detail)))
    }
}

/// A relay has the socket, and does not do what it is asked.
fn silent(socket: &Path) -> anyhow::Error {
    anyhow!(
        "a relay listens on {} and does not answer; it may still do what was asked. Look at its log (`journalctl -u \
         sealpush`) and at what is there now before you ask again; if it stays silent, restart it",
        socket.display()
    )
}

/// One request over a connection of its own, with HTTP/1.1.
async fn over(socket: &Path, request: Request<Body>) -> anyhow::Result<Response<Bytes>> {
    let stream = TokioIo::new(UnixStream::connect(socket).await?);
    let (mut requests, connection) = hyper::client::conn::http1::handshake(stream).await?;
    let exchange = async move { collect(requests.send_request(request).await?).await };
    // The connection must be driven for the exchange to go on, and ends with it.
    let (response, _) = tokio::join!(exchange, connection);
    response
}

async fn collect<B>(response: Response<B>) -> anyhow::Result<Response<Bytes>>
where
    B: hyper::body::Body,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    let (parts, body) = response.into_parts();
    Ok(Response::from_parts(parts, body.collect().await?.to_bytes()))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;
    use tokio::net::UnixListener;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_relay_that_does_not_answer_is_not_waited_for_without_end() {
        let folder = TempDir::new().unwrap();
        let socket = folder.path().join("operator.sock");
        let _silent = UnixListener::bind(&socket).unwrap();

        let refused = OperatorLink::Running(socket).get::<Problem>("/admin/senders").await;

        let error = refused.err().unwrap().to_string();
        assert!(error.contains("does not answer; it may still do what was asked"), "{error}");
    }
}

//! The relay's certificate changes while the relay runs.

use serde_json::json;
use tempfile::TempDir;
use time::Duration;

use super::authority::Issued;
use super::tls_client::der;
use super::{Authority, TlsClient};
use crate::support::World;

const YEAR: Duration = Duration::days(365);

/// The files of a certificate, which somebody renews.
pub(super) struct Files(pub(super) TempDir);

impl Files {
    pub(super) fn with(issued: &Issued) -> Self {
        let files = Self(TempDir::new().unwrap());
        files.renew(issued);
        files
    }

    pub(super) fn renew(&self, issued: &Issued) {
        std::fs::write(self.0.path().join("tls.pem"), &issued.certificate).unwrap();
        std::fs::write(self.0.path().join("tls.key"), &issued.key).unwrap();
    }

    /// The line of the config that shows this certificate, with `more` in its `tls`.
    pub(super) fn tls(&self, more: &str) -> String {
        let (pem, key) = (self.0.path().join("tls.pem"), self.0.path().join("tls.key"));
        format!("tls = {{ certificate = '{}', key = '{}'{more} }}", pem.display(), key.display())
    }

    /// A relay with this certificate, and `more` in its `tls`.
    pub(super) async fn world(&self, more: &str) -> World {
        let listen = World::builder().config("listen", "address = \"127.0.0.1:0\"");
        listen.config("listen", self.tls(more)).start().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_shown_without_a_restart() {
    let authority = Authority::new();
    let (old, new) = (authority.issue(YEAR), authority.issue(YEAR));
    let files = Files::with(&old);
    let world = files.world("").await;
    let client = TlsClient::new(&world, &authority, None);
    assert_eq!(client.see().await.unwrap().certificate, der(&old.certificate));

    files.renew(&new);

    let shown = async || client.see().await.unwrap().certificate == der(&new.certificate);
    World::until("the new certificate is shown", shown).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_certificate_leaves_the_old_one_in_place_and_is_seen() {
    let authority = Authority::new();
    let old = authority.issue(YEAR);
    let files = Files::with(&old);
    let world = files.world("").await;

    // The key of another certificate: a renewal that stopped half way.
    files.renew(&Issued { certificate: old.certificate.clone(), key: authority.issue(YEAR).key });

    let seen = async || world.metric("sealpush_certificate_problems").await == 1;
    World::until("the problem is seen", seen).await;
    let ready = world.operator.get("/readyz", None).await;
    let problem = ready.json()["certificates"][0]["problem"].to_string();
    assert!(ready.status == 200 && problem.contains("not the first certificate's"), "{ready:?}");
    let shown = TlsClient::new(&world, &authority, None).see().await.unwrap();
    assert_eq!(shown.certificate, der(&old.certificate));

    files.renew(&old);

    let mended = async || world.metric("sealpush_certificate_problems").await == 0;
    World::until("the problem is over", mended).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_ended_is_not_ready() {
    let authority = Authority::new();
    let files = Files::with(&authority.issue(Duration::days(-1)));
    let world = files.world("").await;

    let ready = world.operator.get("/readyz", None).await;

    assert_eq!((ready.status.as_u16(), &ready.json()["ready"]), (503, &json!(false)));
    let ends = ready.json()["certificates"][0]["ends_at"].as_str().unwrap().to_owned();
    let metric = world.metric("sealpush_certificate_ends_seconds").await;
    assert!(ends.ends_with('Z') && metric > 0, "{ends}, {metric}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_takes_a_renewed_certificate_over_at_once() {
    let authority = Authority::new();
    let (old, new) = (authority.issue(YEAR), authority.issue(YEAR));
    let files = Files::with(&old);
    let world = files.world("").await;
    files.renew(&new);

    let reloaded = world.admin.post("/admin/reload", None, &json!({})).await;

    assert_eq!(reloaded.json()["changed"], json!(["listen.tls"]), "{reloaded:?}");
    let shown = TlsClient::new(&world, &authority, None).see().await.unwrap();
    assert_eq!(shown.certificate, der(&new.certificate));
    world.end().await;
}

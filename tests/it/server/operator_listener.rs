//! The operator's listener beyond loopback: over TLS, and for who shows an operator's token.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;
use serde_json::json;
use time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::Authority;
use super::certificates::Files;
use super::tls_client::der;
use crate::support::{Client, World};

/// An operator at another machine, who believes the relay's authority.
struct Remote {
    address: SocketAddr,
    config: Arc<ClientConfig>,
}

/// A relay whose operator's listener has a certificate for `localhost`, on every address of the machine.
async fn world(authority: &Authority) -> (World, Remote, Files) {
    let files = Files::with(&authority.issue(Duration::days(30)));
    let (pem, key) = (files.0.path().join("tls.pem"), files.0.path().join("tls.key"));
    let tls = format!("tls = {{ certificate = '{}', key = '{}' }}", pem.display(), key.display());
    let builder = World::builder().config("listen", "address = \"127.0.0.1:0\"");
    let world = builder.operator("0.0.0.0:0").config("operator", tls).start().await;
    let Client::Tcp(bound) = world.operator else { panic!("the operator's listener is on TCP") };
    let mut roots = RootCertStore::empty();
    roots.add(der(&authority.pem())).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_root_certificates(roots).with_no_client_auth());
    (world, Remote { address: (Ipv4Addr::LOCALHOST, bound.port()).into(), config }, files)
}

impl Remote {
    /// Asks by the name `host`: a method with its path, and a body; the whole answer.
    async fn ask(
        &self,
        host: &'static str,
        what: [&str; 2],
        bearer: Option<&str>,
    ) -> std::io::Result<String> {
        let stream = TcpStream::connect(self.address).await?;
        let name = ServerName::try_from(host).unwrap();
        let mut stream = TlsConnector::from(Arc::clone(&self.config)).connect(name, stream).await?;
        let ([line, body], bearer) = (what, bearer.unwrap_or_default());
        let head = format!(
            "{line} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: application/json\r\n\
             authorization: Bearer {bearer}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }
}

async fn token(world: &World, role: &str) -> String {
    let made = world.admin.post("/admin/tokens", None, &json!({"role": role})).await.json();
    made["token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn from_another_machine_everything_asks_for_a_token_and_its_role_holds() {
    let authority = Authority::new();
    let (mut world, remote, _files) = world(&authority).await;
    let (viewer, owner) = (token(&world, "viewer").await, token(&world, "owner").await);
    let new = ["POST /admin/senders", "{\"name\": \"A\"}"];
    for (request, bearer, status) in [
        (["GET /metrics", ""], None, "401"),
        (["GET /readyz", ""], None, "401"),
        (["GET /admin/senders", ""], None, "401"),
        (["GET /metrics", ""], Some(&viewer), "200"),
        (["GET /readyz", ""], Some(&viewer), "200"),
        (["GET /admin/senders", ""], Some(&viewer), "200"),
        (new, Some(&viewer), "403"),
        (new, Some(&owner), "201"),
    ] {
        let answer = remote.ask("localhost", request, bearer.map(String::as_str)).await.unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{request:?}: {answer}");
        assert_eq!(answer.contains("owner_needed"), status == "403", "{answer}");
    }
    world.stop_relay().await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_host_name_than_the_certificates_is_refused_before_a_token_is_sent() {
    let authority = Authority::new();
    let (mut world, remote, _files) = world(&authority).await;
    let owner = token(&world, "owner").await;

    let refused = remote.ask("relay.test", ["GET /admin/senders", ""], Some(&owner)).await.unwrap_err();

    assert!(refused.to_string().contains("not valid for name"), "{refused}");
    let listed = world.admin.get("/admin/tokens", None).await.json();
    assert_eq!(listed["tokens"][0]["last_used_day"], serde_json::Value::Null);
    world.stop_relay().await;
    world.end().await;
}

//! The same API over HTTP/1.1 and HTTP/2, in the clear on loopback, over TLS, and on a Unix socket.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Version};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls_pki_types::ServerName;
use rustls_pki_types::pem::PemObject;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::address;
use crate::support::{Client, World};

/// `GET /v1/relay` over HTTP/2.
async fn relay_over_http2<S>(stream: S) -> (Version, Value)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut requests, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    let request =
        Request::builder().uri("https://localhost/v1/relay").body(Full::<Bytes>::default()).unwrap();
    let answer = async move {
        let answer = requests.send_request(request).await.unwrap();
        let version = answer.version();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (version, serde_json::from_slice(&body).unwrap())
    };
    tokio::select! {
        answer = answer => answer,
        ended = connection => panic!("the connection ended early: {ended:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn http1_and_http2_are_spoken_on_one_port() {
    let world = World::start().await;
    let over_http1 = world.relay.get("/v1/relay", None).await.json();

    let (version, over_http2) = relay_over_http2(TcpStream::connect(address(&world)).await.unwrap()).await;

    assert_eq!((version, &over_http2), (Version::HTTP_2, &over_http1));
    assert_eq!(over_http2["name"], "Test relay");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tls_listener_offers_both_versions_and_no_clear_text() {
    let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let files = tempfile::TempDir::new().unwrap();
    let (pem, key) = (files.path().join("tls.pem"), files.path().join("tls.key"));
    std::fs::write(&pem, certificate.cert.pem()).unwrap();
    std::fs::write(&key, certificate.signing_key.serialize_pem()).unwrap();
    let tls = format!("tls = {{ certificate = {pem:?}, key = {key:?} }}");
    let world =
        World::builder().config("listen", "address = \"127.0.0.1:0\"").config("listen", tls).start().await;

    for (offered, chosen) in [(vec!["h2", "http/1.1"], "h2"), (vec!["http/1.1"], "http/1.1")] {
        let stream = tls_stream(&world, &certificate.cert.pem(), &offered).await;
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(chosen.as_bytes()));
        if chosen == "h2" {
            let (version, relay) = relay_over_http2(stream).await;
            assert_eq!((version, &relay["name"]), (Version::HTTP_2, &json!("Test relay")));
        }
    }
    let mut clear = TcpStream::connect(address(&world)).await.unwrap();
    clear.write_all(b"GET /v1/relay HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    // Whether the connection is closed or reset, no HTTP comes back.
    let _ = clear.read_to_end(&mut answer).await;
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP"), "{answer:?}");
    world.end().await;
}

async fn tls_stream(
    world: &World,
    certificate: &str,
    protocols: &[&str],
) -> tokio_rustls::client::TlsStream<TcpStream> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(rustls_pki_types::CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let mut config = config.unwrap().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    let stream = TcpStream::connect(address(world)).await.unwrap();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    connector.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_is_served_on_a_unix_socket() {
    let world = World::builder().config("listen", "unix_socket = \"http.sock\"").start().await;
    assert!(matches!(world.relay, Client::Unix(_)));
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    let targets = json!([{"subscription": phone.subscription}]);
    assert_eq!(world.outcome(&sender, json!({ "targets": targets })).await["outcome"], "accepted");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_told_to_anyone() {
    let world = World::start().await;
    let health = world.relay.get("/healthz", None).await;
    assert_eq!((health.status.as_u16(), health.json()), (200, json!({"status": "ok"})));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_in_time_is_not_waited_for() {
    let world = World::builder().config("limits", "request_seconds = 1").start().await;
    let mut slow = TcpStream::connect(address(&world)).await.unwrap();
    let head = "POST /v1/registrations HTTP/1.1\r\nhost: relay.test\r\ncontent-type: application/json\r\n\
                content-length: 100\r\nconnection: close\r\n\r\n{";
    slow.write_all(head.as_bytes()).await.unwrap();

    let mut answer = Vec::new();
    slow.read_to_end(&mut answer).await.unwrap();

    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("body_too_slow"), "{answer}");
    world.end().await;
}

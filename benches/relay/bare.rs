//! The bare hyper client: the least that a push can cost with this library.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use bytes::Bytes;
use futures_util::future::join_all;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use sealpush::base::{Clock, SystemClock};
use sealpush_seal::base64url;

use super::devices::{Device, Devices};
use super::process::cpu_of;
use super::simulators::{Simulators, TOPIC};

/// Makes `count` POSTs over one connection, `at_once` of them at any time; µs of this process's CPU for each.
pub(crate) async fn run(simulators: &Simulators, devices: &Devices, at_once: usize, count: usize) -> f64 {
    let bodies: Vec<_> = devices.apns.iter().map(body).collect();
    let authorization = provider_token(simulators);
    let url: http::Uri = simulators.fact("apns").parse().unwrap();
    let authority = url.authority().unwrap().as_str().to_owned();
    let requests = connect(simulators, url.port_u16().unwrap()).await;
    let post = async |index: usize| {
        let (path, body) = &bodies[index % bodies.len()];
        let request = Request::post(format!("https://{authority}{path}"))
            .header("authorization", &authorization)
            .header("apns-topic", TOPIC)
            .header("apns-push-type", "alert")
            .header("apns-priority", "10")
            .header("apns-expiration", "2000000000")
            .header("apns-id", "0b4a1f6e-58a4-4c1e-9d0e-3f2f6a7b8c9d")
            .body(Full::new(body.clone()))
            .unwrap();
        let mut requests = requests.clone();
        requests.ready().await.unwrap();
        let answer = requests.send_request(request).await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.into_body().collect().await.unwrap();
    };
    // Apple's rule: one request alone until the first success.
    post(0).await;
    let next = AtomicUsize::new(0);
    let before = cpu_of("self");
    join_all((0..at_once).map(|_| async {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return;
            }
            post(index).await;
        }
    }))
    .await;
    #[expect(clippy::cast_precision_loss, reason = "a figure with one digit after the point")]
    let each = cpu_of("self").saturating_sub(before).as_secs_f64() * 1e6 / count as f64;
    each
}

/// The path and body of a push to a device, as the relay makes them.
fn body(device: &Device) -> (String, Bytes) {
    let body = format!(
        r#"{{"aps":{{"alert":"New notification","mutable-content":1}},"seal":"{}"}}"#,
        device.envelope
    );
    (format!("/3/device/{}", device.token), Bytes::from(body))
}

async fn connect(simulators: &Simulators, port: u16) -> hyper::client::conn::http2::SendRequest<Full<Bytes>> {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(simulators.fact("ca").as_bytes()) {
        roots.add(certificate.unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let stream = tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
    let (requests, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::task::spawn(connection);
    requests
}

/// A provider token (Apple, "Establishing a token-based connection to APNs").
fn provider_token(simulators: &Simulators) -> String {
    let key = PrivateKeyDer::from_pem_slice(simulators.fact("p8").as_bytes()).unwrap();
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.secret_der()).unwrap();
    let header = format!(r#"{{"alg":"ES256","kid":"{}"}}"#, simulators.fact("key"));
    let claims =
        format!(r#"{{"iss":"{}","iat":{}}}"#, simulators.fact("team"), SystemClock.now().unix_seconds());
    let signed = format!("{}.{}", base64url::encode(header.as_bytes()), base64url::encode(claims.as_bytes()));
    let signature = key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
    format!("bearer {signed}.{}", base64url::encode(signature.as_ref()))
}

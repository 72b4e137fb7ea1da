//! Registered devices with an envelope for each, made by a sender.

use std::path::Path;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use sealpush::base::{Clock, Entropy, EntropyRng, OsEntropy, SystemClock};
use sealpush::model::SubscriptionId;
use sealpush_seal::{DeliveryId, IdentityKey, Sealer, SubscriptionPrivateKey};
use serde_json::{Value, json};

use super::process::Process;
use super::simulators::Simulators;

/// The devices of one sender.
pub(crate) struct Devices {
    /// The sender's credential.
    pub(crate) credential: String,
    /// The APNs address that the bare client posts to, with what authorises it.
    pub(crate) apns: Vec<Device>,
}

/// One device.
pub(crate) struct Device {
    pub(crate) token: String,
    pub(crate) subscription: String,
    /// An envelope with 600 bytes of content: the bucket of 1,024.
    pub(crate) envelope: String,
}

/// Registers `count` devices for a new sender.
pub(crate) async fn register(
    folder: &Path,
    relay: &Process,
    simulators: &Simulators,
    count: usize,
) -> Devices {
    let (id, credential) = sender(folder).await;
    let identity = IdentityKey::generate(&mut EntropyRng(&OsEntropy));
    let mut requests = connect(relay.port).await;
    let mut apns = Vec::with_capacity(count);
    for token in simulators.facts["tokens"].as_array().unwrap().iter().take(count) {
        let registration = json!({"app": "chat", "push_service": "apns", "environment": "production", "device_token": token});
        let registered = post(&mut requests, "/v1/registrations", "", &registration).await;
        let key = SubscriptionPrivateKey::generate(&mut EntropyRng(&OsEntropy));
        let subscription = SubscriptionId::random(&OsEntropy).to_string();
        let path =
            format!("/v1/registrations/{}/subscriptions", registered["registration"].as_str().unwrap());
        let request = json!({"subscription": subscription, "sender": id});
        post(&mut requests, &path, registered["credential"].as_str().unwrap(), &request).await;
        let envelope = sealpush_seal::seal(
            &[b'x'; 600],
            subscription.parse().unwrap(),
            &key.public(),
            DeliveryId::from_bytes((&OsEntropy as &dyn Entropy).bytes()),
            Sealer::Sender(&identity),
            u64::try_from(SystemClock.now().0).unwrap(),
            &mut EntropyRng(&OsEntropy),
        )
        .unwrap();
        let token = token.as_str().unwrap().to_owned();
        apns.push(Device { token, subscription, envelope: envelope.to_base64url() });
    }
    Devices { credential, apns }
}

async fn sender(folder: &Path) -> (String, String) {
    let socket = tokio::net::UnixStream::connect(folder.join("operator.sock")).await.unwrap();
    let (mut requests, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(socket)).await.unwrap();
    tokio::task::spawn(connection);
    let request = json!({"name": "bench", "content_policy": "sealed_only"});
    let made = post(&mut requests, "/admin/senders", "", &request).await;
    (made["id"].as_str().unwrap().to_owned(), made["credential"].as_str().unwrap().to_owned())
}

/// A connection to the relay.
pub(crate) type Requests = hyper::client::conn::http1::SendRequest<Full<Bytes>>;

/// Connects to the relay.
pub(crate) async fn connect(port: u16) -> Requests {
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (requests, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::task::spawn(connection);
    requests
}

/// Posts a document.
pub(crate) async fn post(requests: &mut Requests, path: &str, bearer: &str, body: &Value) -> Value {
    requests.ready().await.unwrap();
    let mut request = Request::post(path).header("host", "relay").header("content-type", "application/json");
    if !bearer.is_empty() {
        request = request.header("authorization", format!("Bearer {bearer}"));
    }
    let request = request.body(Full::new(Bytes::from(body.to_string()))).unwrap();
    let answer = requests.send_request(request).await.unwrap();
    let status = answer.status();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&bytes));
    serde_json::from_slice(&bytes).unwrap_or_default()
}

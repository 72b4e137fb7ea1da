//! Registered devices with an envelope for each, made by a sender.

use bytes::Bytes;
use futures_util::StreamExt;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use sealpush::base::{Clock, Entropy, EntropyRng, OsEntropy, SystemClock};
use sealpush::model::{SenderId, SubscriptionId};
use sealpush_seal::{DeliveryId, IdentityKey, Sealer, SubscriptionPrivateKey};
use serde_json::{Value, json};

use super::process::Process;
use super::simulators::Simulators;

/// Devices that register at the same time.
const AT_ONCE: usize = 16;

/// The devices of one sender.
pub(crate) struct Devices {
    /// The sender.
    pub(crate) sender: SenderId,
    /// The sender's credential.
    pub(crate) credential: String,
    pub(crate) apns: Vec<Device>,
}

/// One device.
pub(crate) struct Device {
    pub(crate) token: String,
    pub(crate) subscription: SubscriptionId,
    /// An envelope with 600 bytes of content: the bucket of 1,024.
    pub(crate) envelope: String,
}

/// Registers `count` devices for a new sender.
pub(crate) async fn register(relay: &Process, simulators: &Simulators, count: usize) -> Devices {
    let (sender, credential) = sender(relay).await;
    let identity = IdentityKey::generate(&mut EntropyRng(&OsEntropy));
    let tokens = simulators.facts["tokens"].as_array().unwrap();
    let connections = futures_util::future::join_all((0..AT_ONCE).map(|_| connect(relay.port))).await;
    let share = count.div_ceil(AT_ONCE).max(1);
    let groups = tokens[..count].chunks(share).zip(connections).map(|(tokens, mut requests)| {
        let identity = &identity;
        async move {
            let mut devices = Vec::with_capacity(tokens.len());
            for token in tokens {
                devices.push(device(&mut requests, sender, token.as_str().unwrap(), identity).await);
            }
            devices
        }
    });
    let groups: Vec<_> = futures_util::stream::iter(groups).buffered(AT_ONCE).collect().await;
    Devices { sender, credential, apns: groups.into_iter().flatten().collect() }
}

async fn device(requests: &mut Requests, sender: SenderId, token: &str, identity: &IdentityKey) -> Device {
    let registration =
        json!({"app": "chat", "push_service": "apns", "environment": "production", "device_token": token});
    let registered = post(requests, "/v1/registrations", "", &registration).await;
    let subscription = SubscriptionId::random(&OsEntropy);
    let path = format!("/v1/registrations/{}/subscriptions", registered["registration"].as_str().unwrap());
    let request = json!({"subscription": subscription.to_string(), "sender": sender.to_string()});
    post(requests, &path, registered["credential"].as_str().unwrap(), &request).await;
    let envelope = sealpush_seal::seal(
        &[b'x'; 600],
        subscription.to_string().parse().unwrap(),
        &SubscriptionPrivateKey::generate(&mut EntropyRng(&OsEntropy)).public(),
        DeliveryId::from_bytes((&OsEntropy as &dyn Entropy).bytes()),
        Sealer::Sender(identity),
        u64::try_from(SystemClock.now().0).unwrap(),
        &mut EntropyRng(&OsEntropy),
    )
    .unwrap();
    Device { token: token.to_owned(), subscription, envelope: envelope.to_base64url() }
}

async fn sender(relay: &Process) -> (SenderId, String) {
    let socket = tokio::net::UnixStream::connect(relay.folder.join("operator.sock")).await.unwrap();
    let (mut requests, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(socket)).await.unwrap();
    tokio::task::spawn(connection);
    let request = json!({"name": "bench", "content_policy": "sealed_only"});
    let made = post(&mut requests, "/admin/senders", "", &request).await;
    (made["id"].as_str().unwrap().parse().unwrap(), made["credential"].as_str().unwrap().to_owned())
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

//! A simulator with one Firebase project and one phone, a service account, and clients.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::Request;
use push_simulator::{Clock, Simulator, SimulatorConfig};
use serde_json::{Value, json};

use super::client::{Answer, Client};
use super::signing::rs256;
use super::stage::START;

pub(crate) const PROJECT: &str = "example-project";
pub(crate) const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
pub(crate) const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// Everything that a test about FCM needs.
pub(crate) struct FcmStage {
    pub(crate) simulator: Simulator,
    pub(crate) client: Client,
    pub(crate) token_client: Client,
    pub(crate) token: String,
    pub(crate) bearer: String,
    pub(crate) account: Value,
    now_seconds: Arc<AtomicU64>,
}

impl FcmStage {
    /// Over HTTP/2, with an access token already fetched.
    pub(crate) async fn new() -> Self {
        Self::with(SimulatorConfig::default()).await
    }

    pub(crate) async fn with(config: SimulatorConfig) -> Self {
        let now_seconds = Arc::new(AtomicU64::new(START));
        let now = Arc::clone(&now_seconds);
        let service_account_key = Some(rsa_key());
        let clock = Clock::from_fn(move || now.load(Ordering::Relaxed) * 1000);
        let simulator =
            Simulator::start(SimulatorConfig { clock, service_account_key, ..config }).await.unwrap();
        let client = Client::http2(simulator.fcm_url(), simulator.ca_pem()).await;
        let token_client = Client::http2(simulator.token_url(), simulator.ca_pem()).await;
        let account: Value = serde_json::from_str(&simulator.service_account_json(PROJECT)).unwrap();
        let token = simulator.fcm_device(PROJECT);
        let mut stage =
            Self { simulator, client, token_client, token, bearer: String::new(), account, now_seconds };
        stage.bearer = stage.fetch().await;
        stage.simulator.clear_records();
        stage
    }

    /// Puts the clock forward.
    pub(crate) fn pass(&self, seconds: u64) {
        self.now_seconds.fetch_add(seconds, Ordering::Relaxed);
    }

    /// The claims of a good assertion.
    pub(crate) fn claims(&self) -> Value {
        let now = self.now_seconds.load(Ordering::Relaxed);
        json!({"iss": self.account["client_email"], "scope": SCOPE, "aud": self.account["token_uri"],
            "iat": now, "exp": now + 3600})
    }

    /// An assertion with these claims.
    pub(crate) fn assertion(&self, claims: &Value) -> String {
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": self.account["private_key_id"]});
        rs256(self.account["private_key"].as_str().unwrap(), &header, claims)
    }

    /// Asks for an access token with any form body.
    pub(crate) async fn exchange(&self, form: String) -> Answer {
        let request = Request::post("/token").header("content-type", "application/x-www-form-urlencoded");
        self.token_client.send(request.body(Bytes::from(form)).unwrap()).await.unwrap()
    }

    /// Asks for an access token with an assertion.
    pub(crate) async fn exchange_assertion(&self, assertion: &str) -> Answer {
        let grant_type = GRANT_TYPE.replace(':', "%3A");
        self.exchange(format!("grant_type={grant_type}&assertion={assertion}")).await
    }

    /// A new access token.
    pub(crate) async fn fetch(&self) -> String {
        let answer = self.exchange_assertion(&self.assertion(&self.claims())).await;
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    /// The send request for a whole body.
    pub(crate) fn request(&self, body: impl Into<Bytes>) -> Request<Bytes> {
        Request::post(format!("/v1/projects/{PROJECT}/messages:send"))
            .header("authorization", format!("Bearer {}", self.bearer))
            .header("content-type", "application/json")
            .body(body.into())
            .unwrap()
    }

    pub(crate) async fn send_body(&self, body: &Value) -> Answer {
        self.client.send(self.request(body.to_string())).await.unwrap()
    }

    /// Sends a message to the phone: the members given, and its token.
    pub(crate) async fn send(&self, mut message: Value) -> Answer {
        message["token"] = Value::from(self.token.as_str());
        self.send_body(&json!({ "message": message })).await
    }
}

/// One RSA key for all tests of this process: making one is slower than everything else they do.
fn rsa_key() -> String {
    static KEY: OnceLock<String> = OnceLock::new();
    let make = || rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048);
    KEY.get_or_init(|| make().unwrap().serialize_pem()).clone()
}

/// Status, `google.rpc` code and FCM's own code of a failure.
pub(crate) fn codes(answer: &Answer) -> (u16, String, Option<String>) {
    let body = answer.json();
    let status = body["error"]["status"].as_str().unwrap().to_owned();
    let kind = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
    let code = detail(&body, kind).map(|detail| detail["errorCode"].as_str().unwrap().to_owned());
    assert_eq!(body["error"]["code"], answer.status);
    (answer.status, status, code)
}

/// The field that a failure names.
pub(crate) fn violated_field(answer: &Answer) -> Option<String> {
    let body = answer.json();
    let detail = detail(&body, "type.googleapis.com/google.rpc.BadRequest")?;
    Some(detail["fieldViolations"][0]["field"].as_str().unwrap().to_owned())
}

fn detail<'a>(body: &'a Value, kind: &str) -> Option<&'a Value> {
    body["error"]["details"].as_array()?.iter().find(|detail| detail["@type"] == kind)
}

/// What [`codes`] says of a failure with FCM's own code.
pub(crate) fn failed(http: u16, status: &str, fcm: &str) -> (u16, String, Option<String>) {
    (http, status.to_owned(), Some(fcm.to_owned()))
}

/// What [`codes`] says of a failure of the API's front end.
pub(crate) fn failed_before_fcm(http: u16, status: &str) -> (u16, String, Option<String>) {
    (http, status.to_owned(), None)
}

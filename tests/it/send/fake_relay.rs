//! A relay that answers whatever a test wants, and writes down what it was asked.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode, Uri};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// An answer: status, `Retry-After`, document.
pub(super) type Scripted = (u16, Option<u32>, Value);

/// A request as it came.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) what: String,
    pub(super) body: Bytes,
}

impl Asked {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A running fake. It ends when it is dropped.
pub(super) struct FakeRelay {
    pub(super) url: String,
    inside: Arc<Inside>,
    _serving: JoinSet<()>,
}

type Answering = Box<dyn Fn(usize, &Value) -> Scripted + Send + Sync>;

struct Inside {
    asked: Mutex<Vec<Asked>>,
    answer: Answering,
}

impl FakeRelay {
    /// Answers each request with what `answer` makes of its number, from 0, and its body.
    pub(super) async fn start(answer: impl Fn(usize, &Value) -> Scripted + Send + Sync + 'static) -> Self {
        Self::start_after_breaking(0, answer).await
    }

    /// The same after so many connections that break at once.
    pub(super) async fn start_after_breaking(
        broken: usize,
        answer: impl Fn(usize, &Value) -> Scripted + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let inside = Arc::new(Inside { asked: Mutex::default(), answer: Box::new(answer) });
        let router = Router::new().fallback(any).with_state(Arc::clone(&inside));
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            for _ in 0..broken {
                drop(listener.accept().await.unwrap());
            }
            axum::serve(listener, router).await.unwrap();
        });
        Self { url, inside, _serving: serving }
    }

    /// Everything that was asked so far.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.inside.asked.lock().unwrap().clone()
    }
}

async fn any(State(inside): State<Arc<Inside>>, method: Method, uri: Uri, body: Bytes) -> Response {
    let request = serde_json::from_slice(&body).unwrap_or_default();
    let number = {
        let mut asked = inside.asked.lock().unwrap();
        asked.push(Asked { what: format!("{method} {uri}"), body });
        asked.len() - 1
    };
    let (status, retry_after, document) = (inside.answer)(number, &request);
    let mut response = (StatusCode::from_u16(status).unwrap(), document.to_string()).into_response();
    if let Some(seconds) = retry_after {
        response.headers_mut().insert("retry-after", seconds.into());
    }
    response
}

/// The answer that every target was accepted in the form in which it was sent.
pub(super) fn all_accepted(request: &Value) -> Value {
    let targets = request["targets"].as_array().unwrap().iter().map(|target| {
        let form = if target["envelope"].is_null() { "omitted" } else { "sealed_by_sender" };
        json!({"subscription": target["subscription"], "outcome": "accepted", "form": form})
    });
    json!({"id": request["id"], "targets": targets.collect::<Vec<_>>()})
}

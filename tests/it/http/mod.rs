//! HTTP manners: refusals that say what to do, on every listener and version.

mod docs;
mod operator;
mod operator_tokens;
mod problems;
mod protocols;
mod refusals;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;

use crate::support::{Answer, World};

/// Sends a request as it is, however broken its body.
async fn raw(world: &World, method: &str, path: &str, bearer: Option<&str>, body: (&str, &str)) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header("host", "relay.test");
    if let Some(bearer) = bearer {
        request = request.header("authorization", bearer);
    }
    let (content_type, text) = body;
    if !content_type.is_empty() {
        request = request.header("content-type", content_type);
    }
    world.relay.send(request.body(Full::new(Bytes::from(text.to_owned()))).unwrap()).await
}

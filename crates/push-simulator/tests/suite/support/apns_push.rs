//! A push request to APNs, right in every respect until a test changes one.

use bytes::Bytes;
use http::{Method, Request};
use serde_json::{Value, json};

/// A request in the making.
#[derive(Clone)]
pub(crate) struct ApnsPush {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl ApnsPush {
    /// An alert to a device token.
    pub(crate) fn alert(token: &str, topic: &str, provider_token: &str) -> Self {
        let headers = [
            ("authorization", format!("bearer {provider_token}")),
            ("apns-topic", topic.to_owned()),
            ("apns-push-type", "alert".to_owned()),
        ];
        Self {
            method: Method::POST,
            path: format!("/3/device/{token}"),
            headers: headers.map(|(name, value)| (name.to_owned(), value)).to_vec(),
            body: Bytes::from(json!({"aps": {"alert": "New notification"}}).to_string()),
        }
    }

    /// The same request with a header set to another value.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same request with one more header, even of the same name.
    pub(crate) fn and(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same request without a header.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(own, _)| own != name);
        self
    }

    /// The same request with another payload.
    pub(crate) fn payload(self, payload: &Value) -> Self {
        self.body(payload.to_string())
    }

    /// The same request with another body.
    pub(crate) fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// The same request to another path.
    pub(crate) fn path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    pub(crate) fn request(&self) -> Request<Bytes> {
        let mut request = Request::builder().method(self.method.clone()).uri(&self.path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.body(self.body.clone()).unwrap()
    }
}

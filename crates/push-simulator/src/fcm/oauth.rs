//! Google's OAuth token endpoint.
//!
//! Owns the form and the answers (RFC 6749 section 5, RFC 7523, Google's guide "Using OAuth 2.0 for server to
//! server applications"). Read next: `assertion`.

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde_json::json;

use crate::fcm::accounts::Access;
use crate::fcm::assertion;
use crate::fcm::error_body::{html, json_response};
use crate::world::World;

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// What a good assertion earns.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) project: String,
    pub(crate) may_send: bool,
}

/// Why no access token is given.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum OAuthRefusal {
    NoSuchUrl,
    InvalidRequest(&'static str),
    UnsupportedGrantType,
    InvalidGrant(&'static str),
    InvalidScope,
}

impl OAuthRefusal {
    /// The answer: RFC 6749 section 5.2.
    pub(crate) fn response(&self) -> Response<Bytes> {
        let (error, description) = match self {
            Self::NoSuchUrl => {
                return html(StatusCode::NOT_FOUND, "The requested URL was not found on this server.");
            }
            Self::InvalidRequest(description) => ("invalid_request", *description),
            Self::UnsupportedGrantType => ("unsupported_grant_type", "Invalid grant_type."),
            Self::InvalidGrant(description) => ("invalid_grant", *description),
            Self::InvalidScope => ("invalid_scope", "Invalid OAuth scope or ID token audience provided."),
        };
        json_response(StatusCode::BAD_REQUEST, &json!({"error": error, "error_description": description}))
    }
}

/// Judges a token request.
pub(crate) fn judge(request: &Request<Bytes>, world: &World) -> Result<Grant, OAuthRefusal> {
    if request.uri().path() != "/token" || request.method() != Method::POST {
        return Err(OAuthRefusal::NoSuchUrl);
    }
    let content_type = request.headers().get("content-type").and_then(|value| value.to_str().ok());
    if !content_type.is_some_and(|value| value.starts_with("application/x-www-form-urlencoded")) {
        return Err(OAuthRefusal::InvalidRequest("The body must be a form."));
    }
    let parameter = |name: &str| parameter(request.body(), name);
    let grant_type = parameter("grant_type");
    let grant_type =
        grant_type.ok_or(OAuthRefusal::InvalidRequest("Required parameter is missing: grant_type"))?;
    if grant_type != GRANT_TYPE {
        return Err(OAuthRefusal::UnsupportedGrantType);
    }
    let assertion = parameter("assertion");
    let assertion =
        assertion.ok_or(OAuthRefusal::InvalidRequest("Required parameter is missing: assertion"))?;
    assertion::verify(&assertion, &world.accounts, world.config.clock.now_seconds())
}

/// Gives out an access token.
pub(crate) fn granted(world: &World, grant: &Grant) -> Response<Bytes> {
    let seconds = world.config.access_token_seconds;
    let expires_ms = world.config.clock.now_ms() + seconds * 1000;
    let access = Access { project: grant.project.clone(), may_send: grant.may_send, expires_ms };
    let token = world.accounts.grant(access);
    let body = json!({"access_token": token, "expires_in": seconds, "token_type": "Bearer"});
    json_response(StatusCode::OK, &body)
}

/// A parameter of a form body; `None` where it is absent or not UTF-8 when decoded.
fn parameter(body: &[u8], name: &str) -> Option<String> {
    let pairs = body.split(|byte| *byte == b'&');
    let mut pairs = pairs.map(|pair| match pair.iter().position(|byte| *byte == b'=') {
        Some(at) => (&pair[..at], &pair[at + 1..]),
        None => (pair, &[][..]),
    });
    let (_, value) = pairs.find(|(key, _)| *key == name.as_bytes())?;
    percent_decode(value)
}

/// WHATWG URL standard section 5.1: `+` is a space, `%` begins two hexadecimal digits.
fn percent_decode(text: &[u8]) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'+', _) => decoded.push(b' '),
            (b'%', [high, low, behind @ ..]) => {
                let mut value = [0];
                hex::decode_to_slice([*high, *low], &mut value).ok()?;
                decoded.push(value[0]);
                rest = behind;
            }
            (plain, _) => decoded.push(*plain),
        }
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::parameter;

    #[test]
    fn a_form_is_decoded() {
        let body = b"a=1&grant_type=urn%3aietf%3Aparams&empty=&flag&plus=a+b";
        for (name, expected) in
            [("a", "1"), ("grant_type", "urn:ietf:params"), ("empty", ""), ("flag", ""), ("plus", "a b")]
        {
            assert_eq!(parameter(body, name).as_deref(), Some(expected), "{name}");
        }
        assert_eq!(parameter(body, "absent"), None);
        assert_eq!(parameter(b"a=%zz", "a"), None);
        assert_eq!(parameter(b"a=%ff", "a"), None);
    }
}

//! Request bodies: read up to a limit, and as JSON with errors that say where.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Deserialize;
use serde_path_to_error::Segment;
use tokio::time::timeout;

use super::Problem;
use super::body_budget::Overloaded;

/// Seconds after which there may be room again: most requests are answered sooner.
const OVERLOAD_RETRY: u32 = 2;

/// Reads a body of at most `limit` bytes, all of which must come within `time`.
pub async fn read_body(body: Body, limit: usize, time: Duration) -> Result<Bytes, Problem> {
    // Nobody has to send what is refused anyway.
    if body.size_hint().lower() > limit as u64 {
        return Err(too_large(limit));
    }
    let Ok(read) = timeout(time, Limited::new(body, limit).collect()).await else {
        return Err(Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            "body_too_slow",
            format!("The body took longer than {} seconds to arrive; send it again.", time.as_secs()),
        ));
    };
    match read {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large(limit)),
        Err(error) => Err(match overloaded(&*error) {
            Some(Overloaded::Relay) => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "overloaded",
                "The relay holds as many requests as it can; nothing was done. Send the same request again.",
            )
            .retry_after(OVERLOAD_RETRY),
            Some(Overloaded::Sender) => Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "sender_overloaded",
                "This sender has as many bytes under way as one sender may; nothing was done. Wait for answers to                  earlier requests, then send the same request again.",
            )
            .retry_after(OVERLOAD_RETRY),
            None => Problem::new(
                StatusCode::BAD_REQUEST,
                "body_incomplete",
                "The body ended before it was complete; send the request again.",
            ),
        }),
    }
}

fn too_large(limit: usize) -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body_too_large",
        format!("The body is larger than {limit} bytes; send fewer targets in one request."),
    )
}

/// A budget's error, wherever it is in the chain: each layer of the body wraps what it hears.
fn overloaded(error: &(dyn std::error::Error + 'static)) -> Option<Overloaded> {
    error.downcast_ref().copied().or_else(|| error.source().and_then(overloaded))
}

/// Reads a JSON document, whose media type must say so.
pub fn json_from<'a, T: Deserialize<'a>>(headers: &HeaderMap, bytes: &'a [u8]) -> Result<T, Problem> {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not_json",
            "Send JSON, with the header Content-Type: application/json.",
        ));
    }
    match serde_json::from_slice(bytes) {
        // The parser also reads a structure from a list of its members, which is no form of this API.
        Ok(_) if bytes.trim_ascii_start().first() != Some(&b'{') => {
            Err(Problem::invalid("invalid_request", "", "The body is a JSON object."))
        }
        Ok(value) => Ok(value),
        Err(error) if error.is_data() => Err(unfit::<T>(bytes)),
        Err(error) => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "broken_json",
            format!("The body is not JSON: line {}, column {}.", error.line(), error.column()),
        )),
    }
}

/// Reads once more, slower, to say which member does not fit. The parser's own words may quote the body, which
/// its sender sees anyway; they go nowhere else.
fn unfit<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Problem {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let Err(error) = serde_path_to_error::deserialize::<_, T>(&mut reader) else {
        return Problem::invalid("invalid_request", "", "The body does not fit this call.");
    };
    let pointer: String = error.path().iter().map(step).collect();
    let what = error.inner().to_string();
    let what = what.split(" at line ").next().unwrap_or_default();
    Problem::invalid("invalid_request", pointer, format!("The body does not fit this call: {what}."))
}

/// One step of a JSON pointer (RFC 6901, section 3).
fn step(segment: &Segment) -> String {
    match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Segment::Enum { .. } | Segment::Unknown => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Doc {
        #[expect(dead_code, reason = "only its form matters")]
        list: Vec<u8>,
    }

    fn json() -> HeaderMap {
        [(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"))].into_iter().collect()
    }

    #[test]
    fn what_does_not_fit_is_named_with_its_place() {
        let problem = json_from::<Doc>(&json(), br#"{"list":[1,"x"]}"#).unwrap_err();
        assert_eq!(problem.status(), 422);
        assert!(format!("{problem:?}").contains("/list/1"), "{problem:?}");
        let unknown = json_from::<Doc>(&json(), br#"{"list":[],"more":1}"#).unwrap_err();
        assert!(format!("{unknown:?}").contains("more"), "{unknown:?}");
    }

    #[test]
    fn a_list_in_place_of_an_object_is_refused() {
        assert_eq!(json_from::<Doc>(&json(), b" [[1]]").unwrap_err().status(), 422);
        assert!(json_from::<Doc>(&json(), br#" {"list":[1]}"#).is_ok());
    }

    #[test]
    fn what_is_not_json_is_told_apart() {
        assert_eq!(json_from::<Doc>(&json(), b"{").unwrap_err().status(), 400);
        assert_eq!(json_from::<Doc>(&HeaderMap::new(), b"{}").unwrap_err().status(), 415);
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_refused() {
        assert!(read_body(Body::from("12345"), 5, Duration::MAX).await.is_ok());
        assert_eq!(read_body(Body::from("123456"), 5, Duration::MAX).await.unwrap_err().status(), 413);
    }
}

//! Why the peer says goodbye: the debug data of its GOAWAY frame, where Apple writes its reason.
//!
//! Apple, "Handling error responses from APNs": a connection that is closed gets a GOAWAY whose data is JSON with
//! a `reason`. For the log alone: what became of a request is told by its stream.

use serde::Deserialize;

use crate::model::Reason;

#[derive(Deserialize)]
struct DebugData {
    reason: String,
}

/// The reason in the GOAWAY that `error` came from, where it has one.
pub(super) fn reason_of(error: &h2::Error) -> Option<Reason> {
    if error.is_go_away() && error.is_remote() { reason_in(&error.to_string()) } else { None }
}

/// h2 gives the debug data out only within its sentence about the error, as the literal of a byte string.
fn reason_in(sentence: &str) -> Option<Reason> {
    let (_, literal) = sentence.split_once("(b\"")?;
    let json = literal.strip_suffix("\")")?.replace("\\\"", "\"");
    let data: DebugData = serde_json::from_str(&json).ok()?;
    Some(Reason::theirs(&data.reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_found_and_nothing_else_is() {
        let sentence = |data: &[u8]| {
            format!("connection error received: not a result ({:?})", bytes::Bytes::copy_from_slice(data))
        };
        let found = |data: &[u8]| reason_in(&sentence(data)).map(|reason| reason.to_string());
        assert_eq!(found(br#"{"reason":"Shutdown"}"#).as_deref(), Some("Shutdown"));
        assert_eq!(found(br#"{"reason":"a token: 740f"}"#).as_deref(), Some("unknown"));
        for other in [&b""[..], b"too_many_pings", b"{}", b"\xff\x00", br#"{"reason":7}"#] {
            assert_eq!(found(other), None, "{other:?}");
        }
        assert_eq!(reason_in("connection error received: not a result of an error"), None);
    }
}

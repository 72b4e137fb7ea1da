//! JSON Web Signature, compact form (RFC 7515, section 3.1), as far as both vendors need it.

use sealpush_seal::base64url;
use serde::Serialize;

/// What is signed: header and claims in base64url without padding, joined by a dot.
pub(super) fn signing_input(header: &impl Serialize, claims: &impl Serialize) -> String {
    let part = |json: Result<Vec<u8>, _>| base64url::encode(&json.expect("names and numbers serialise"));
    format!("{}.{}", part(serde_json::to_vec(header)), part(serde_json::to_vec(claims)))
}

/// The token: what was signed, a dot, the signature.
pub(super) fn compact(mut signing_input: String, signature: &[u8]) -> String {
    signing_input.push('.');
    signing_input.push_str(&base64url::encode(signature));
    signing_input
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Example {
        alg: &'static str,
    }

    #[test]
    fn a_token_has_three_parts_without_padding() {
        // RFC 7515, appendix A.5 has this header: {"alg":"none"}.
        let example = Example { alg: "none" };
        let token = compact(signing_input(&example, &example), &[0xff, 0xfe]);
        assert_eq!(token, "eyJhbGciOiJub25lIn0.eyJhbGciOiJub25lIn0.__4");
    }
}

//! A key of 32 bytes as a key file holds it: base64url.

use zeroize::Zeroizing;

/// 32 bytes in base64url, with or without a line end.
pub(super) fn key_bytes(text: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let text = std::str::from_utf8(text).ok()?.trim_ascii_end();
    let bytes = Zeroizing::new(sealpush_seal::base64url::decode(text).ok()?);
    bytes.as_slice().try_into().ok().map(Zeroizing::new)
}

/// The line of a key file that holds this key.
pub(super) fn key_line(key: &[u8; 32]) -> Zeroizing<String> {
    // Room for all of it: a text that grows would leave a copy of the key behind.
    let mut line = Zeroizing::new(String::with_capacity(44));
    line.push_str(&Zeroizing::new(sealpush_seal::base64url::encode(key)));
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_with_its_line_end_and_without() {
        let line = key_line(&[7; 32]);
        assert_eq!(line.len(), 44);
        assert_eq!(key_bytes(line.as_bytes()).as_deref(), Some(&[7; 32]));
        assert_eq!(key_bytes(line.trim_end().as_bytes()).as_deref(), Some(&[7; 32]));
        assert!(key_bytes(b"AAAA").is_none() && key_bytes(b"").is_none() && key_bytes(b"\xff").is_none());
    }
}

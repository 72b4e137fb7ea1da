//! The one kind of address that the config takes: HTTPS.

use http::Uri;

/// `text` as an HTTPS address without user, query or fragment; a trailing slash is dropped. The error is the
/// rest of a sentence that begins with the key.
pub(super) fn https(text: &str) -> Result<String, String> {
    let wrong = || format!("`{text}` is not an address such as https://push.example.org");
    // `Uri` drops a fragment silently.
    if text.contains('#') {
        return Err(wrong());
    }
    let uri: Uri = text.parse().map_err(|_| wrong())?;
    if uri.scheme_str() == Some("http") {
        return Err(format!("`{text}` is not encrypted; use https://"));
    }
    let authority = uri.authority().ok_or_else(wrong)?;
    let plain = !authority.as_str().contains('@') && uri.query().is_none() && !authority.host().is_empty();
    if uri.scheme_str() != Some("https") || !plain {
        return Err(wrong());
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// Like [`https`], and nothing may follow host and port: where the vendor's protocol says the path.
pub(super) fn https_origin(text: &str) -> Result<String, String> {
    let url = https(text)?;
    match url.strip_prefix("https://") {
        Some(rest) if !rest.contains('/') => Ok(url),
        _ => Err(format!("`{text}` must end after host and port; the relay adds the path")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_passes() {
        assert_eq!(https("https://push.example.org/").as_deref(), Ok("https://push.example.org"));
        for bad in [
            "http://a.example",
            "ftp://a",
            "a.example",
            "",
            "https://",
            "https://u@a",
            "https://a/?q",
            "https://a#f",
        ] {
            assert!(https(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_origin_has_no_path() {
        assert_eq!(https_origin("https://localhost:2197").as_deref(), Ok("https://localhost:2197"));
        assert!(https_origin("https://localhost/3/device").is_err());
    }
}

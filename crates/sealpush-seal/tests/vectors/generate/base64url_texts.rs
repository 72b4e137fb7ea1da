//! The vectors of base64url: one text for each byte string, and no other.

use super::format::Base64UrlVector;

/// Every vector of base64url.
pub fn all() -> Vec<Base64UrlVector> {
    let good = [
        ("", ""),
        ("AA", "00"),
        ("_w", "ff"),
        ("Zg", "66"),
        ("Zm8", "666f"),
        ("Zm9v", "666f6f"),
        ("-_-_", "fbffbf"),
        ("AAECAwQFBgcICQ", "00010203040506070809"),
    ]
    .map(|(text, bytes)| Base64UrlVector { text: text.to_owned(), bytes: Some(bytes.to_owned()) });
    let refused = [
        "Zg==",
        "Zg=",
        "Zm8=",
        "=",
        "A",
        "Zm9vA",
        "Zh",
        "Zm9",
        "_x",
        "+w",
        "/w",
        "-/-/",
        "Zm9v\n",
        "\nZm9v",
        "Zm 9v",
        "Zm9v ",
        "Zm9v\u{0}",
        "Zm9\u{e9}",
        "Zm9v.",
        "Zm-v=",
    ]
    .map(|text| Base64UrlVector { text: text.to_owned(), bytes: None });
    good.into_iter().chain(refused).collect()
}

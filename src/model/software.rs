//! The software of a sender, as its User-Agent header names it.

use std::fmt;

/// The longest name, and the longest version.
const MOST: usize = 40;

/// The first product of a User-Agent header (RFC 9110, section 10.1.5), where it is one of plain words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Software {
    name: String,
    version: String,
}

impl Software {
    /// Reads a User-Agent header. A name has no dots, so that no host name passes for one.
    #[must_use]
    pub fn of(user_agent: &str) -> Option<Self> {
        let product = user_agent.split([' ', '\t']).next()?;
        let (name, version) = product.split_once('/').unwrap_or((product, ""));
        Self::new(name, version)
    }

    /// From its parts; the version may be empty.
    #[must_use]
    pub fn new(name: &str, version: &str) -> Option<Self> {
        let is_word = |text: &str, more: &[u8]| {
            text.len() <= MOST
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || more.contains(&b))
                && text.bytes().next().is_none_or(|b| b.is_ascii_alphanumeric())
        };
        let fits = !name.is_empty() && is_word(name, b"_-") && is_word(version, b"._+-");
        fits.then(|| Self { name: name.to_owned(), version: version.to_owned() })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its version; empty where it names none.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }
}

impl fmt::Display for Software {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if self.version.is_empty() { Ok(()) } else { write!(f, "/{}", self.version) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_product_counts_and_nothing_behind_it() {
        let read = |text: &str| Software::of(text).map(|software| software.to_string());
        for (header, read_as) in [
            ("ZulipServer/9.0", Some("ZulipServer/9.0")),
            ("Go-http-client/1.1 (chat.example.org) x/2", Some("Go-http-client/1.1")),
            ("plain", Some("plain")),
            ("a/1.2-rc.1+build_7", Some("a/1.2-rc.1+build_7")),
            ("", None),
            ("/1", None),
            ("chat.example.org/1", None),
            ("a/1/2", None),
            ("a/=1", None),
            ("(comment) a/1", None),
            ("ü/1", None),
        ] {
            assert_eq!(read(header).as_deref(), read_as, "{header}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_header_says_what_is_read_is_short_and_plain(header: String) {
            if let Some(software) = Software::of(&header) {
                let text = software.to_string();
                prop_assert!(text.len() <= 2 * MOST + 1);
                prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._+-/".contains(&b)));
            }
        }
    }
}

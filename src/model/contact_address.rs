//! The address that a sender's administrator gives for incidents.

use std::fmt;
use std::str::FromStr;

/// An e-mail address: of letters, digits and the few signs that such addresses are made of. It does not print by
/// itself: it may be a person's.
#[derive(Clone, PartialEq, Eq)]
pub struct ContactAddress(String);

/// Why a text is no such address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "an address for incidents is an e-mail address such as security@example.org: 254 bytes at most, of letters, digits \
     and . _ % + -, and a domain with a dot"
)]
pub struct ContactAddressError;

/// RFC 5321, section 4.5.3.1.3, without the brackets.
const MOST: usize = 254;

impl FromStr for ContactAddress {
    type Err = ContactAddressError;

    fn from_str(text: &str) -> Result<Self, ContactAddressError> {
        let fits = text.len() <= MOST
            && text.split_once('@').is_some_and(|(local, domain)| is_local(local) && is_domain(domain));
        if fits { Ok(Self(text.to_owned())) } else { Err(ContactAddressError) }
    }
}

/// What stands before the `@`. It begins with a letter or digit, so that no spreadsheet takes it for a formula.
fn is_local(text: &str) -> bool {
    let known = |b: u8| b.is_ascii_alphanumeric() || b"._%+-".contains(&b);
    text.len() <= 64
        && text.bytes().all(known)
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
}

/// Two labels or more (RFC 1123, section 2.1).
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.contains('.') && text.split('.').all(is_label)
}

impl ContactAddress {
    /// The same check as a pattern, for descriptions of the API.
    pub const PATTERN: &str = "^[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$";

    /// The address, to be stored or shown to whom it is shared with.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ContactAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[address]")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_plain_address_is_refused() {
        for text in [
            "",
            "a",
            "@b.c",
            "a@",
            "a@b",
            "a@b.",
            "a@.b",
            "a@-b.c",
            "a@b-.c",
            "a b@c.d",
            "a@b.c\n",
            "a@b@c.d",
            "=a@b.c",
            "ü@b.c",
            "a@b_c.d",
            "\"a\"@b.c",
        ] {
            assert_eq!(text.parse::<ContactAddress>(), Err(ContactAddressError), "{text:?}");
        }
        let long = format!("a@{}.org", "b.".repeat(130));
        assert!(long.parse::<ContactAddress>().is_err());
    }

    #[test]
    fn an_address_does_not_print() {
        let address: ContactAddress = "security@example.org".parse().unwrap();
        assert_eq!(format!("{address:?}"), "[address]");
    }

    proptest! {
        #[test]
        fn what_the_pattern_describes_is_taken(
            text in "[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@([A-Za-z0-9]([A-Za-z0-9-]{0,20}[A-Za-z0-9])?\\.){1,5}[A-Za-z0-9]([A-Za-z0-9-]{0,20}[A-Za-z0-9])?"
        ) {
            let address: ContactAddress = text.parse().unwrap();
            prop_assert_eq!(address.as_str(), text);
        }
    }
}

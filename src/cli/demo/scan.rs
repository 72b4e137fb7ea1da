//! Searches every byte of every place for every secret that must not be there.

use super::needle::{Needle, SecretKind};

/// What kind of place it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlaceKind {
    /// A file of the relay's folder: database, write-ahead log, config.
    RelayFile,
    /// The relay's log, at its most talkative.
    Log,
    /// The relay's metrics.
    Metrics,
    /// A request that Apple or Google got.
    PushService,
    /// What a sender that seals sent to the relay, and what it was answered.
    FromSealingSender,
    /// What a sender that cannot seal sent to the relay, and what it was answered.
    FromOtherSender,
}

/// Bytes, and where they are.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// What it is.
    pub(crate) kind: PlaceKind,
    /// What to call it.
    pub(crate) name: String,
    /// Everything in it.
    pub(crate) bytes: Vec<u8>,
}

/// A secret in a place where it must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Leak {
    /// The secret's name.
    pub(crate) secret: String,
    /// Its spelling.
    pub(crate) spelling: &'static str,
    /// The place's name.
    pub(crate) place: String,
    /// Where in it, in bytes.
    pub(crate) offset: usize,
}

/// Every leak. At most one for each secret and place.
pub(crate) fn leaks(needles: &[Needle], places: &[Place]) -> Vec<Leak> {
    let mut leaks = Vec::new();
    for place in places {
        for needle in needles.iter().filter(|needle| !may_be(needle.kind, place.kind)) {
            let found = needle
                .spellings
                .iter()
                .find_map(|(spelling, bytes)| find(&place.bytes, bytes).map(|offset| (*spelling, offset)));
            if let Some((spelling, offset)) = found {
                leaks.push(Leak { secret: needle.name.clone(), spelling, place: place.name.clone(), offset });
            }
        }
    }
    leaks
}

/// Whether a secret is in a place at all, rightly or not.
pub(crate) fn is_in(needle: &Needle, place: &Place) -> bool {
    needle.spellings.iter().any(|(_, bytes)| find(&place.bytes, bytes).is_some())
}

/// Where a secret is at home.
fn may_be(secret: SecretKind, place: PlaceKind) -> bool {
    match secret {
        // A notification of the user's own is sent by both servers: what one seals, the other cannot.
        SecretKind::SealedContent | SecretKind::ContentForTheRelay => place == PlaceKind::FromOtherSender,
        SecretKind::DeviceToken => place == PlaceKind::PushService,
        SecretKind::Envelope => matches!(place, PlaceKind::PushService | PlaceKind::FromSealingSender),
        SecretKind::Credential | SecretKind::PrivateKey => false,
    }
}

/// The first place of `wanted` in `bytes`.
fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let (first, rest) = wanted.split_first()?;
    let last = bytes.len().checked_sub(wanted.len())?;
    let mut from = 0;
    while from <= last {
        let at = from + bytes[from..=last].iter().position(|byte| byte == first)?;
        if &bytes[at + 1..at + wanted.len()] == rest {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(kind: PlaceKind, bytes: &[u8]) -> Place {
        Place { kind, name: format!("{kind:?}"), bytes: bytes.to_vec() }
    }

    fn needle(kind: SecretKind, text: &str) -> Needle {
        Needle::text("the canary", kind, text).unwrap()
    }

    #[test]
    fn a_planted_secret_is_found_with_its_place() {
        let secret = [needle(SecretKind::SealedContent, "canary bird")];
        let clean =
            [place(PlaceKind::Log, b"all is well"), place(PlaceKind::RelayFile, b"canary canary bir")];
        assert_eq!(leaks(&secret, &clean), []);
        let leak = Leak {
            secret: "the canary".to_owned(),
            spelling: "as it is",
            place: "RelayFile".to_owned(),
            offset: 9,
        };
        let planted = [clean[0].clone(), place(PlaceKind::RelayFile, b"\0ccanary\0canary bird\xff")];
        assert_eq!(leaks(&secret, &planted), [leak]);
    }

    #[test]
    fn a_secret_is_found_in_other_spellings() {
        let hidden = format!("x{}", hex::encode("canary bird"));
        let found = leaks(
            &[needle(SecretKind::Credential, "canary bird")],
            &[place(PlaceKind::Metrics, hidden.as_bytes())],
        );
        assert_eq!(found[0].spelling, "in hexadecimal");
    }

    #[test]
    fn what_is_at_home_is_no_leak() {
        for (kind, home) in [
            (SecretKind::DeviceToken, PlaceKind::PushService),
            (SecretKind::ContentForTheRelay, PlaceKind::FromOtherSender),
            (SecretKind::SealedContent, PlaceKind::FromOtherSender),
            (SecretKind::Envelope, PlaceKind::FromSealingSender),
        ] {
            assert_eq!(leaks(&[needle(kind, "canary bird")], &[place(home, b"canary bird")]), []);
            assert_eq!(
                leaks(&[needle(kind, "canary bird")], &[place(PlaceKind::Log, b"canary bird")]).len(),
                1
            );
        }
    }
}

//! Looks for secrets in bytes, in every spelling in which they might have got there.

use std::collections::{BTreeSet, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// What must not be found.
#[derive(Debug, Clone)]
pub(super) struct Canary {
    /// What it is, for the report.
    pub(super) name: &'static str,
    spellings: Vec<Vec<u8>>,
}

impl Canary {
    /// A text, also as what it encodes where it is hexadecimal or base64url.
    pub(super) fn text(name: &'static str, text: &str) -> Self {
        let mut cores =
            vec![text.as_bytes().to_vec(), text.to_lowercase().into(), text.to_uppercase().into()];
        cores.extend(hex::decode(text).ok());
        cores.extend(URL_SAFE_NO_PAD.decode(text).ok());
        Self { name, spellings: cores.iter().flat_map(|core| spellings(core)).collect() }
    }

    /// Bytes.
    pub(super) fn bytes(name: &'static str, bytes: &[u8]) -> Self {
        Self { name, spellings: spellings(bytes) }
    }

    /// A text that is looked for as it is: too short to be told from chance in other spellings.
    pub(super) fn exactly(name: &'static str, text: &[u8]) -> Self {
        Self { name, spellings: vec![text.to_vec()] }
    }
}

/// Which of `canaries` are in `haystack`. One pass: what a place may begin is told by its first four bytes.
pub(super) fn found<'a>(
    canaries: impl IntoIterator<Item = &'a Canary>,
    haystack: &[u8],
) -> Vec<&'static str> {
    let mut by_beginning: HashMap<&[u8], Vec<(&'static str, &[u8])>> = HashMap::new();
    for canary in canaries {
        for spelling in &canary.spellings {
            by_beginning.entry(&spelling[..4]).or_default().push((canary.name, spelling));
        }
    }
    let begun = haystack.windows(4).enumerate().filter_map(|(at, four)| Some((at, by_beginning.get(four)?)));
    let found = begun.flat_map(|(at, candidates)| {
        candidates.iter().filter(move |(_, spelling)| haystack[at..].starts_with(spelling))
    });
    found.map(|(name, _)| *name).collect::<BTreeSet<_>>().into_iter().collect()
}

/// As it is, in hexadecimal, and in base64 at each of the three places where it may stand in a group.
fn spellings(core: &[u8]) -> Vec<Vec<u8>> {
    let mut all = vec![core.to_vec(), hex::encode(core).into(), hex::encode_upper(core).into()];
    for before in 0..3 {
        let shifted = [&[0; 2][..before], core].concat();
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            // The characters at both ends also hold bits of what stands beside.
            let text = engine.encode(&shifted).into_bytes();
            let end = shifted.len() / 3 * 4;
            all.push(text[if before == 0 { 0 } else { 4 }..end].to_vec());
        }
    }
    all
}

#[test]
fn the_scan_finds_what_is_planted_in_any_spelling_and_at_any_place() {
    let secret = "5ea1canary0123456789abcdef";
    let canary = Canary::text("planted", secret);
    for before in 0..7 {
        let around = [&b"xyz%$/-"[..before], secret.as_bytes(), b"!tail"].concat();
        for planted in [
            around.clone(),
            String::from_utf8(around.clone()).unwrap().to_uppercase().into_bytes(),
            hex::encode(&around).into_bytes(),
            hex::encode_upper(&around).into_bytes(),
            STANDARD_NO_PAD.encode(&around).into_bytes(),
            URL_SAFE_NO_PAD.encode(&around).into_bytes(),
        ] {
            let haystack = [&b"before "[..], &planted, b" after"].concat();
            let shown = String::from_utf8_lossy(&haystack);
            assert_eq!(found([&canary], &haystack), ["planted"], "{shown}");
        }
    }
}

#[test]
fn the_scan_finds_the_bytes_that_a_text_encodes() {
    let token = "740f4707bebcf74f9b7c25d48e3358945f6aa01da5ddb387462c7eaf61bb78ad";
    let canary = Canary::text("token", token);
    let row = [b"row", &hex::decode(token).unwrap()[..], b"row"].concat();
    assert_eq!(found([&canary], &row), ["token"]);
    assert!(found([&canary], &token.as_bytes()[..63]).is_empty());
}

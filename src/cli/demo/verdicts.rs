//! What the demo claims, each with its proof or what contradicts it.

use serde::Serialize;

use super::forgeries::Forgery;
use super::needle::{Needle, SecretKind};
use super::scan::{Leak, Place, PlaceKind, is_in, leaks};
use super::scene::Scene;
use crate::cli::device::Shown;

/// One claim.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Verdict {
    /// What is claimed.
    pub(crate) claim: String,
    /// Whether it holds.
    pub(crate) holds: bool,
    /// What was looked at, or what contradicts it.
    pub(crate) proof: String,
}

/// Judges everything.
pub(crate) fn judge(
    scenes: &[Scene],
    forgeries: &[Forgery],
    needles: &[Needle],
    places: &[Place],
) -> Vec<Verdict> {
    let mut verdicts: Vec<_> = scenes.iter().map(opened).collect();
    verdicts.push(refused(forgeries));
    let found = leaks(needles, places);
    let about = |claim: &str, kinds: &[PlaceKind]| searched(claim, kinds, &found, needles, places);
    verdicts.extend([
        about("Apple and Google got nothing that they can read", &[PlaceKind::PushService]),
        about("The relay keeps no content, envelope, device token or credential", &[PlaceKind::RelayFile]),
        about("Its log and its metrics tell nothing of them either", &[PlaceKind::Log, PlaceKind::Metrics]),
        about(
            "A server that seals hands the relay nothing readable; none learns a device token",
            &[PlaceKind::FromSealingSender, PlaceKind::FromOtherSender],
        ),
        sees(needles, places),
    ]);
    verdicts
}

/// Whether the phone shows exactly what its server sent, and says rightly who sealed it.
fn opened(scene: &Scene) -> Verdict {
    let content = &scene.plan.content;
    let as_it_must = match (&scene.shown, scene.plan.form) {
        (Shown::SignedByServer { content: shown, .. }, "sealed_by_sender")
        | (Shown::SealedByRelay { content: shown, .. }, "sealed_by_relay") => shown == content,
        (Shown::Placeholder { .. }, "omitted") => scene.fetched.as_ref() == Some(content),
        _ => false,
    };
    let answer = &scene.answer;
    let answered = answer.outcome == "accepted" && answer.form.as_deref() == Some(scene.plan.form);
    let claim = match scene.plan.form {
        "sealed_by_sender" => {
            format!("The {} opened what {} sealed, and knows its signature", scene.phone, scene.server)
        }
        "sealed_by_relay" => format!("The {} opened it, and says that the relay sealed it", scene.phone),
        _ => format!(
            "The {} showed only a placeholder, and fetched the rest from {}",
            scene.phone, scene.server
        ),
    };
    let proof = if as_it_must && answered {
        format!("outcome accepted, form {}; what it shows is what was sent", scene.plan.form)
    } else if answered {
        format!("it shows something else than was sent ({})", scene.shown.provenance())
    } else {
        let form = answer.form.as_deref().unwrap_or("no form");
        format!(
            "outcome {}, form {form}, where accepted and {} were expected",
            answer.outcome, scene.plan.form
        )
    };
    Verdict { claim, holds: as_it_must && answered, proof }
}

fn refused(forgeries: &[Forgery]) -> Verdict {
    let taken: Vec<_> = forgeries.iter().filter(|one| !one.refused).map(|one| one.name).collect();
    let names: Vec<_> = forgeries.iter().map(|one| one.name).collect();
    Verdict {
        claim: "The iPhone refuses what a dishonest relay could try".to_owned(),
        holds: taken.is_empty() && !forgeries.is_empty(),
        proof: if taken.is_empty() { names.join("; ") } else { format!("it took {}", taken.join("; ")) },
    }
}

fn searched(
    claim: &str,
    kinds: &[PlaceKind],
    found: &[Leak],
    needles: &[Needle],
    places: &[Place],
) -> Verdict {
    let here: Vec<_> = places.iter().filter(|place| kinds.contains(&place.kind)).collect();
    let bytes: usize = here.iter().map(|place| place.bytes.len()).sum();
    let leak = found.iter().find(|leak| here.iter().any(|place| place.name == leak.place));
    let empty = here.iter().find(|place| place.bytes.is_empty() && place.kind != PlaceKind::RelayFile);
    let proof = match (leak, empty) {
        (Some(Leak { secret, spelling, place, offset }), _) => {
            format!("{secret} stands {spelling} in {place}, at byte {offset}")
        }
        (None, Some(place)) => format!("{} is empty, which proves nothing", place.name),
        (None, None) => {
            let named: Vec<_> = here.iter().map(|place| place.name.as_str()).collect();
            let named = if here.len() <= 3 { named.join(", ") } else { format!("{} places", here.len()) };
            format!(
                "{} bytes of {named}, searched for {} secrets in every spelling",
                grouped(bytes),
                needles.len()
            )
        }
    };
    Verdict { claim: claim.to_owned(), holds: leak.is_none() && empty.is_none() && bytes > 0, proof }
}

/// A search that finds nothing could be blind: it must find what is rightly there.
fn sees(needles: &[Needle], places: &[Place]) -> Verdict {
    let seen = |secret: SecretKind, place: PlaceKind| {
        needles
            .iter()
            .filter(|needle| needle.kind == secret)
            .any(|needle| places.iter().filter(|one| one.kind == place).any(|place| is_in(needle, place)))
    };
    let controls = [
        (
            "content in what a server that cannot seal sent",
            SecretKind::ContentForTheRelay,
            PlaceKind::FromOtherSender,
        ),
        ("a device token in a request to the push service", SecretKind::DeviceToken, PlaceKind::PushService),
        (
            "the envelope in what the server that seals sent",
            SecretKind::Envelope,
            PlaceKind::FromSealingSender,
        ),
    ];
    let missed = controls.iter().find(|(_, secret, place)| !seen(*secret, *place));
    Verdict {
        claim: "The search is not blind: it finds what is rightly there".to_owned(),
        holds: missed.is_none(),
        proof: match missed {
            None => controls.map(|(name, ..)| name).join("; "),
            Some((name, ..)) => format!("it does not find {name}"),
        },
    }
}

/// A number for people: 1,234,567.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(kind: PlaceKind, name: &str, bytes: &[u8]) -> Place {
        Place { kind, name: name.to_owned(), bytes: bytes.to_vec() }
    }

    fn canary() -> Vec<Needle> {
        Needle::text("the body for the iPhone", SecretKind::SealedContent, "a canary sings")
            .into_iter()
            .collect()
    }

    fn verdict(places: &[Place]) -> Verdict {
        let needles = canary();
        searched(
            "nothing is there",
            &[PlaceKind::RelayFile, PlaceKind::Log],
            &leaks(&needles, places),
            &needles,
            places,
        )
    }

    #[test]
    fn a_leak_breaks_the_claim_and_is_named_with_its_place() {
        let log = place(PlaceKind::Log, "the log", b"started");
        assert!(verdict(&[log.clone(), place(PlaceKind::RelayFile, "relay/sealpush.db", b"\0\0\0")]).holds);
        let leaky =
            verdict(&[log, place(PlaceKind::RelayFile, "relay/sealpush.db-wal", b"\0a canary sings\0")]);
        assert!(!leaky.holds);
        assert_eq!(
            leaky.proof,
            "the body for the iPhone stands as it is in relay/sealpush.db-wal, at byte 1"
        );
    }

    #[test]
    fn a_leak_elsewhere_does_not_break_this_claim() {
        let places = [
            place(PlaceKind::Log, "the log", b"x"),
            place(PlaceKind::Metrics, "the metrics", b"a canary sings"),
        ];
        assert!(verdict(&places).holds);
    }

    #[test]
    fn nothing_to_search_proves_nothing() {
        assert!(!verdict(&[]).holds);
        assert!(!verdict(&[place(PlaceKind::Log, "the log", b"")]).holds);
        assert!(!sees(&canary(), &[]).holds);
    }

    #[test]
    fn a_forgery_that_is_taken_breaks_the_claim() {
        let forgery = |refused| Forgery { name: "an old envelope", refused };
        assert!(refused(&[forgery(true)]).holds);
        assert!(!refused(&[forgery(true), forgery(false)]).holds);
        assert!(!refused(&[]).holds);
    }
}

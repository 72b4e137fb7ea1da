//! The log of outcomes that a notification's row carries: entries one after another, only ever appended.
//!
//! A notification to a hundred targets is one row of about three kilobytes, not a hundred rows with their
//! index entries. Entry, integers big endian:
//!
//! | bytes | what |
//! | --- | --- |
//! | 16 | subscription |
//! | 1 | outcome: 1 accepted, 2 gone, 3 expired, 4 rejected, 5 replaced, 6 withdrawn |
//! | 1 | form: 0 none, 1 sealed by the sender, 2 sealed by the relay, 3 omitted, 4 clear |
//! | 8 | when, unix milliseconds |
//! | 1 | length of the reason, 0 where there is none |
//! | … | reason |

use super::StorageError;
use crate::base::UnixMillis;
use crate::model::{Form, Outcome, Reason, SubscriptionId, TargetOutcome};

const UNREADABLE: StorageError = StorageError::Corrupt("the outcomes of a notification");

/// Appends an entry to `log`.
pub(super) fn append(log: &mut Vec<u8>, target: &TargetOutcome) {
    let reason = target.outcome.reason().map_or("", Reason::as_str).as_bytes();
    log.extend_from_slice(target.subscription.as_bytes());
    log.push(outcome_code(&target.outcome));
    log.push(target.form.map_or(0, form_code));
    log.extend_from_slice(&target.at.0.to_be_bytes());
    log.push(u8::try_from(reason.len()).expect("a reason is at most 40 bytes"));
    log.extend_from_slice(reason);
}

/// The entries of `outcomes` as a log.
pub(super) fn encode(outcomes: &[TargetOutcome]) -> Vec<u8> {
    let mut log = Vec::with_capacity(outcomes.len() * 32);
    for outcome in outcomes {
        append(&mut log, outcome);
    }
    log
}

/// Reads a log.
pub(super) fn decode(mut log: &[u8]) -> Result<Vec<TargetOutcome>, StorageError> {
    let mut outcomes = Vec::with_capacity(log.len() / 27);
    while !log.is_empty() {
        outcomes.push(entry(&mut log).ok_or(UNREADABLE)?);
    }
    Ok(outcomes)
}

fn entry(log: &mut &[u8]) -> Option<TargetOutcome> {
    let subscription = SubscriptionId::from_bytes(take(log)?);
    let [outcome, form] = take(log)?;
    let at = UnixMillis(i64::from_be_bytes(take(log)?));
    let [length] = take(log)?;
    let (reason, rest) = log.split_at_checked(usize::from(length))?;
    *log = rest;
    let form = if form == 0 { None } else { Some(form_of(form)?) };
    Some(TargetOutcome { subscription, form, outcome: outcome_of(outcome, reason)?, at })
}

fn take<const N: usize>(log: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = log.split_first_chunk()?;
    *log = rest;
    Some(*first)
}

fn outcome_code(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Accepted => 1,
        Outcome::Gone(_) => 2,
        Outcome::Expired => 3,
        Outcome::Rejected(_) => 4,
        Outcome::Replaced => 5,
        Outcome::Withdrawn => 6,
    }
}

fn outcome_of(code: u8, reason: &[u8]) -> Option<Outcome> {
    let reason = std::str::from_utf8(reason).ok()?;
    match (code, reason.is_empty()) {
        (1, true) => Some(Outcome::Accepted),
        (2, false) => Some(Outcome::Gone(Reason::theirs(reason))),
        (3, true) => Some(Outcome::Expired),
        (4, false) => Some(Outcome::Rejected(Reason::theirs(reason))),
        (5, true) => Some(Outcome::Replaced),
        (6, true) => Some(Outcome::Withdrawn),
        _ => None,
    }
}

/// The stored number of a form.
pub(super) fn form_code(form: Form) -> u8 {
    match form {
        Form::SealedBySender => 1,
        Form::SealedByRelay => 2,
        Form::Omitted => 3,
        Form::Clear => 4,
    }
}

/// The form with a stored number.
pub(super) fn form_of(code: u8) -> Option<Form> {
    Form::ALL.into_iter().find(|form| form_code(*form) == code)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reasons() -> impl Strategy<Value = Reason> {
        "[A-Za-z0-9_.-]{1,64}".prop_map(|name| Reason::theirs(&name))
    }

    fn outcomes() -> impl Strategy<Value = Outcome> {
        prop_oneof![
            Just(Outcome::Accepted),
            reasons().prop_map(Outcome::Gone),
            Just(Outcome::Expired),
            reasons().prop_map(Outcome::Rejected),
            Just(Outcome::Replaced),
            Just(Outcome::Withdrawn),
        ]
    }

    fn targets() -> impl Strategy<Value = TargetOutcome> {
        let forms = prop::option::of(prop::sample::select(Form::ALL.to_vec()));
        (any::<[u8; 16]>(), forms, outcomes(), any::<i64>()).prop_map(|(id, form, outcome, at)| {
            TargetOutcome { subscription: SubscriptionId::from_bytes(id), form, outcome, at: UnixMillis(at) }
        })
    }

    proptest! {
        #[test]
        fn a_log_says_what_was_appended(targets in prop::collection::vec(targets(), 0..20)) {
            prop_assert_eq!(decode(&encode(&targets)).unwrap(), targets);
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(targets) = decode(&bytes) {
                prop_assert_eq!(decode(&encode(&targets)).unwrap(), targets);
            }
        }

        #[test]
        fn a_log_that_was_cut_within_an_entry_is_refused(target in targets(), cut in 1_usize..27) {
            let log = encode(&[target]);
            prop_assert!(decode(&log[..log.len() - cut]).is_err());
        }
    }

    #[test]
    fn a_code_that_this_release_does_not_know_is_refused() {
        let target = TargetOutcome {
            subscription: SubscriptionId::from_bytes([1; 16]),
            form: None,
            outcome: Outcome::Accepted,
            at: UnixMillis(0),
        };
        for at in [16, 17] {
            let mut log = encode(std::slice::from_ref(&target));
            log[at] = 9;
            assert!(decode(&log).is_err());
        }
    }
}

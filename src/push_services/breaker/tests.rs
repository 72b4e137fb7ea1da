//! The breaker's rules, on a clock that the test moves.

use std::time::Duration;

use proptest::prelude::*;

use super::state::{Change, Entry, State};
use crate::base::UnixMillis;
use crate::model::{AttemptOutcome, Reason};
use crate::push_services::CredentialStanding;
use crate::push_services::answers::Signal;

const START: UnixMillis = UnixMillis(1_763_683_200_000);
const FREE: Entry = Entry::Free { generation: 0 };

fn after(seconds: u64) -> UnixMillis {
    START.plus(Duration::from_secs(seconds))
}

fn reason(name: &'static str) -> Reason {
    Reason::ours(name)
}

fn refused() -> Signal {
    Signal::CredentialRefused(reason("refused"))
}

fn fault() -> Signal {
    Signal::Fault(reason("fault"))
}

/// A state that `signal` has tripped at [`START`].
fn tripped(signal: &Signal) -> State {
    let mut state = State::default();
    assert!(state.note(FREE, signal, START, 0.0).is_some());
    state
}

fn is_tripped(state: &State) -> bool {
    state.standing(START).reason().is_some()
}

/// The longest first wait for a try.
const FIRST_TRY: u64 = 4;

#[test]
fn one_refusal_stops_all_and_one_delivery_at_a_time_tries() {
    let mut state = tripped(&refused());
    let AttemptOutcome::NotAttempted { held: true, after: wait, .. } = state.enter(START).unwrap_err() else {
        panic!("nothing is sent")
    };
    assert!(wait <= Duration::from_secs(FIRST_TRY));
    assert_eq!(state.enter(after(FIRST_TRY)), Ok(Entry::Probe));
    assert!(state.enter(after(FIRST_TRY)).is_err(), "another one is trying");
}

#[test]
fn a_mended_credential_lets_all_pass_at_once() {
    for good in [Signal::Accepted, Signal::Answered] {
        let mut state = tripped(&refused());
        let probe = state.enter(after(FIRST_TRY)).unwrap();
        assert_eq!(state.note(probe, &good, after(5), 0.0), Some(Change::Mended));
        assert_eq!(
            (state.enter(after(5)), state.standing(after(5))),
            (Ok(Entry::Free { generation: 1 }), usable())
        );
    }
}

fn usable() -> CredentialStanding {
    CredentialStanding::Usable
}

#[test]
fn a_refused_app_goes_on_only_when_a_notification_was_accepted() {
    let mut state = tripped(&Signal::AppRefused(reason("BadTopic")));
    let probe = state.enter(after(FIRST_TRY)).unwrap();
    assert_eq!(state.note(probe, &Signal::Answered, after(5), 0.0), None);
    assert!(is_tripped(&state));
    let probe = state.enter(after(60)).unwrap();
    assert_eq!(state.note(probe, &Signal::Accepted, after(60), 0.0), Some(Change::Mended));
}

#[test]
fn the_tries_become_rarer_up_to_a_minute() {
    let mut state = tripped(&refused());
    let mut now = START;
    let mut waits = Vec::new();
    for _ in 0..8 {
        let AttemptOutcome::NotAttempted { after, .. } = state.enter(now).unwrap_err() else { panic!() };
        waits.push(after.as_secs());
        now = now.plus(after);
        let probe = state.enter(now).unwrap();
        state.note(probe, &refused(), now, 0.0);
    }
    assert_eq!(waits, [4, 8, 16, 32, 60, 60, 60, 60]);
}

#[test]
fn ten_faults_in_a_row_over_three_seconds_trip_it_and_fewer_do_not() {
    let mut state = State::default();
    for second in 0..9 {
        assert_eq!(state.note(FREE, &fault(), after(second), 0.0), None);
    }
    assert_eq!(state.note(FREE, &fault(), after(9), 0.0), Some(Change::Failing(reason("fault"))));
    assert_eq!(
        state.standing(after(9)),
        CredentialStanding::Failing { reason: reason("fault"), since: after(9) }
    );
}

#[test]
fn a_connection_that_ends_hundreds_of_streams_in_one_moment_trips_nothing() {
    let mut state = State::default();
    assert!((0..500).all(|_| state.note(FREE, &fault(), START, 0.0).is_none()));
}

#[test]
fn ten_silences_trip_it_however_many_are_noticed_at_once() {
    let mut state = State::default();
    let silence = Signal::Silence(reason("answer_timed_out"));
    assert!((0..9).all(|_| state.note(FREE, &silence, START, 0.0).is_none()));
    assert_eq!(state.note(FREE, &silence, START, 0.0), Some(Change::Failing(reason("answer_timed_out"))));
}

#[test]
fn too_many_refused_tokens_are_mended_by_five_in_a_row_that_fit() {
    let mut state = State::default();
    state.hold(&reason("tokens_refused"), START, 0.0).unwrap();
    let signals =
        [vec![Signal::Accepted; 4], vec![Signal::Answered, Signal::Nothing], vec![Signal::Accepted; 5]];
    let mut now = START;
    let mut changes = Vec::new();
    for signal in signals.concat() {
        now = now.plus(Duration::from_mins(1));
        let probe = state.enter(now).unwrap();
        changes.push(state.note(probe, &signal, now, 0.0));
    }
    assert_eq!(changes.iter().position(Option::is_some), Some(10));
    assert_eq!(changes.pop(), Some(Some(Change::Mended)));
}

#[test]
fn a_token_that_fits_lets_the_next_try_come_a_second_later() {
    let mut state = State::default();
    state.hold(&reason("tokens_refused"), START, 0.0).unwrap();
    let probe = state.enter(after(FIRST_TRY)).unwrap();
    state.note(probe, &Signal::Accepted, after(FIRST_TRY), 0.0);
    assert_eq!(state.enter(after(FIRST_TRY + 1)), Ok(Entry::Probe));
}

#[test]
fn who_asks_for_a_short_rest_again_and_again_is_asked_more_and_more_rarely() {
    let rest = Signal::Rest(reason("TooManyProviderTokenUpdates"), Duration::from_secs(1));
    let mut state = tripped(&rest);
    let mut now = after(1);
    let mut waits = Vec::new();
    for _ in 0..4 {
        let probe = state.enter(now).unwrap();
        state.note(probe, &rest, now, 0.0);
        let AttemptOutcome::NotAttempted { after, .. } = state.enter(now).unwrap_err() else { panic!() };
        waits.push(after.as_secs());
        now = now.plus(after);
    }
    assert_eq!(waits, [8, 16, 32, 60]);
}

#[test]
fn one_good_answer_among_faults_begins_the_count_anew() {
    let mut state = State::default();
    for second in 0..100 {
        let signal = if second % 10 == 9 { Signal::Answered } else { fault() };
        assert_eq!(state.note(FREE, &signal, after(second), 0.0), None);
    }
}

#[test]
fn a_push_service_that_asked_for_rest_gets_it_and_then_one_delivery_tries() {
    let rest = Signal::Rest(reason("QUOTA_EXCEEDED"), Duration::from_mins(10));
    let mut state = tripped(&rest);
    assert!(state.enter(after(599)).is_err());
    assert_eq!(
        (state.standing(after(599)).as_str(), state.standing(after(600)).as_str()),
        ("resting", "unused")
    );
    let probe = state.enter(after(600)).unwrap();
    assert_eq!(state.note(probe, &rest, after(601), 0.0), None);
    assert!(state.enter(after(1200)).is_err());
    let probe = state.enter(after(1201)).unwrap();
    assert_eq!(state.note(probe, &Signal::Accepted, after(1201), 0.0), Some(Change::Mended));
}

#[test]
fn a_try_that_told_nothing_is_followed_by_another_a_second_later() {
    let mut state = tripped(&refused());
    let probe = state.enter(after(FIRST_TRY)).unwrap();
    state.note(probe, &Signal::Nothing, after(5), 0.0);
    assert!(state.enter(after(5)).is_err());
    assert_eq!(state.enter(after(6)), Ok(Entry::Probe));
}

#[test]
fn what_began_before_it_was_mended_says_nothing_about_it_now() {
    let mut state = tripped(&refused());
    let probe = state.enter(after(FIRST_TRY)).unwrap();
    state.note(probe, &Signal::Accepted, after(5), 0.0);
    assert_eq!(state.note(FREE, &refused(), after(5), 0.0), None);
    assert_eq!(state.standing(after(9)), usable());
}

#[test]
fn what_began_before_it_tripped_neither_mends_it_nor_is_told_again() {
    let mut state = tripped(&refused());
    for late in [Signal::Accepted, Signal::Answered, refused(), fault()] {
        assert_eq!(state.note(FREE, &late, after(1), 0.0), None);
        assert!(is_tripped(&state));
    }
}

#[test]
fn a_refusal_is_worse_than_a_fault_or_a_rest() {
    let mut state = tripped(&Signal::Rest(reason("rest"), Duration::from_mins(1)));
    assert_eq!(state.note(FREE, &refused(), after(1), 0.0), Some(Change::Held(reason("refused"))));
}

#[test]
fn the_operator_lets_it_go_at_once_and_the_next_refusal_stops_it_again() {
    let mut state = tripped(&refused());
    assert_eq!((state.release(), state.release()), (Some(Change::Mended), None));
    let entry = state.enter(START).unwrap();
    assert_eq!(state.note(entry, &refused(), START, 0.0), Some(Change::Held(reason("refused"))));
}

#[test]
fn a_clock_that_was_set_back_makes_a_try_due() {
    let mut state = tripped(&Signal::Rest(reason("rest"), Duration::from_hours(24)));
    assert_eq!(state.enter(UnixMillis(START.0 - 1)), Ok(Entry::Probe));
}

fn any_signal() -> impl Strategy<Value = Signal> {
    prop_oneof![
        Just(Signal::Accepted),
        Just(Signal::Answered),
        Just(refused()),
        Just(Signal::AppRefused(reason("app"))),
        (0u64..100_000).prop_map(|wait| Signal::Rest(reason("rest"), Duration::from_secs(wait))),
        Just(fault()),
        Just(Signal::Nothing),
    ]
}

proptest! {
    /// Whatever happens, in whatever order deliveries come back: at most one tries at a time, and when time
    /// passes and the push service is well again, all pass.
    #[test]
    fn one_at_a_time_tries_and_what_is_well_again_passes(
        steps in proptest::collection::vec((any::<bool>(), any_signal(), 0i64..100_000, 0.0f64..=1.0), 0..200),
    ) {
        let mut state = State::default();
        let mut inside: Vec<Entry> = Vec::new();
        let mut now = START;
        for (enters, signal, passed, jitter) in steps {
            now = UnixMillis(now.0 + passed);
            if enters {
                inside.extend(state.enter(now));
            } else if !inside.is_empty() {
                let entry = inside.remove(inside.len() / 2);
                state.note(entry, &signal, now, jitter);
            }
            let probes = inside.iter().filter(|entry| **entry == Entry::Probe).count();
            prop_assert!(probes <= 1 || state.standing(START).reason().is_none(), "{probes} try at once");
        }
        for entry in inside.drain(..) {
            state.note(entry, &Signal::Nothing, now, 0.5);
        }
        let later = now.plus(Duration::from_hours(48));
        let entry = state.enter(later).unwrap();
        state.note(entry, &Signal::Accepted, later, 0.5);
        prop_assert_eq!(state.standing(later), usable());
        let is_free = matches!(state.enter(later), Ok(Entry::Free { .. }));
        prop_assert!(is_free);
    }
}

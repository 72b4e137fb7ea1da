//! What follows from one attempt. Pure: no clock, no randomness, no I/O of its own.
//!
//! The rules are those of the protocol page "Dead tokens, and whose fault it is" and of the outcomes there.
//! Must not look at the words of a push service: an [`AttemptOutcome`] says all that matters.

use std::time::Duration;

use crate::base::{Backoff, UnixMillis};
use crate::model::{AttemptOutcome, Effect, Environment, Outcome, Reason, Settlement};

/// Waits of a delivery that a push service would not take now. Google asks for at least 10 s between tries
/// and starts at a minute for quotas (Firebase, "Throttling and quotas"); Apple for up to 15 minutes ("Handling
/// error responses from APNs"). A first short wait mends what most 5xx are: a node that went away.
const PUSH_SERVICE_BUSY: Backoff = Backoff { first: Duration::from_secs(20), most: Duration::from_mins(15) };
/// Waits of a delivery whose app is held, until the operator mended it.
const APP_HELD: Backoff = Backoff { first: Duration::from_secs(30), most: Duration::from_mins(5) };
/// Waits where no connection can be made, beside the rest that a host gets which failed.
const NO_CONNECTION: Backoff = Backoff { first: Duration::from_secs(1), most: Duration::from_mins(1) };
/// What certainly did not reach the push service is repeated at once this often before it waits: one GOAWAY
/// costs no delivery a second.
const REPEATED_AT_ONCE: u32 = 3;
/// After a push service that was silent, so that a lost answer is not followed by a second one: by then its
/// breaker knows.
const AFTER_SILENCE: Backoff = Backoff { first: Duration::from_mins(1), most: Duration::from_mins(1) };
/// A delivery whose next attempt by our own choice would come too late is offered once more this long before its
/// deadline, and up to [`LAST_CHANCE_SPREAD`] sooner: whatever stood in its way may be mended by then.
const LAST_CHANCE: Duration = Duration::from_secs(1);
const LAST_CHANCE_SPREAD: Duration = Duration::from_secs(4);
/// No wait ends sooner than this, so that no jitter makes a busy loop.
const LEAST: Duration = Duration::from_millis(200);

/// A delivery at the end of an attempt.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attempted {
    /// Attempts, this one included.
    pub(super) attempts: u32,
    /// Attempts whose answer was lost before this one.
    pub(super) answers_lost: u32,
    /// When the attempt began.
    pub(super) began_at: UnixMillis,
    /// When the device token was last registered, replaced or confirmed.
    pub(super) registered_at: UnixMillis,
    /// When the notification stops being worth sending.
    pub(super) deadline: UnixMillis,
    /// Its TTL is 0: it is tried once.
    pub(super) now_or_never: bool,
    /// APNs' environment that this attempt used, where it is not the registration's.
    pub(super) other_environment: Option<Environment>,
}

/// What follows from `outcome`; `jitter` in `0..=1` is drawn anew for each call.
pub(super) fn verdict(outcome: AttemptOutcome, of: Attempted, now: UnixMillis, jitter: f64) -> Settlement {
    let decided = |outcome, effect| Settlement::Decided { outcome, at: now, effect };
    match outcome {
        AttemptOutcome::Accepted => {
            decided(Outcome::Accepted, Effect::Accepted { environment: of.other_environment })
        }
        AttemptOutcome::TokenDead { reason, since } => {
            // A 410 is about the past: a token that the app registered since then is alive again.
            if since.is_some_and(|since| since <= of.registered_at) {
                return decided(Outcome::Rejected(reason), Effect::None);
            }
            // Without a word of when, it died before it was asked for: what was registered until then is dead.
            decided(Outcome::Gone(reason), Effect::Dead { since: since.unwrap_or(of.began_at) })
        }
        AttemptOutcome::TokenNotForApp { .. } => {
            decided(Outcome::Rejected(Reason::ours("token_not_for_app")), Effect::None)
        }
        AttemptOutcome::Rejected { reason } => decided(Outcome::Rejected(reason), Effect::None),
        AttemptOutcome::AppHeld { .. } => {
            postponed(Wait::ours(APP_HELD.after(of.attempts, jitter)), of, now, jitter)
        }
        AttemptOutcome::NotAttempted { after, .. } => {
            // One delivery tries; the others come soon after it, spread over as long again as they waited.
            let spread = Backoff { first: after, most: APP_HELD.most };
            postponed(Wait::ours(after + spread.after(of.attempts, jitter)), of, now, jitter)
        }
        AttemptOutcome::TryLater { after, .. } => {
            // What the push service asks for is the least; the jitter spreads those who were told the same. A
            // host that rests for a moment costs a moment more, not the twenty seconds of a busy one.
            let busy = PUSH_SERVICE_BUSY.after(of.attempts, jitter);
            let wait = after.map_or(Wait::ours(busy), |least| {
                let as_long_again = Backoff { first: least.max(LEAST), most: PUSH_SERVICE_BUSY.most };
                Wait { least, more: busy.min(as_long_again.after(of.attempts, jitter)) }
            });
            postponed(wait, of, now, jitter)
        }
        AttemptOutcome::NotProcessed { after, .. } => {
            if after.is_none() && of.attempts <= REPEATED_AT_ONCE {
                return Settlement::Postponed {
                    due: now,
                    attempts: of.attempts,
                    answers_lost: of.answers_lost,
                };
            }
            let spread = NO_CONNECTION.after(of.attempts.saturating_sub(REPEATED_AT_ONCE), jitter);
            postponed(Wait::ours(after.unwrap_or(Duration::ZERO) + spread), of, now, jitter)
        }
        AttemptOutcome::AnswerLost { silent, .. } => {
            // It may have been taken. Once more under the same delivery id, which the device drops if it was.
            if of.answers_lost > 0 || of.now_or_never || now >= of.deadline {
                return decided(Outcome::Rejected(Reason::ours("answer_unknown")), Effect::None);
            }
            let repeated = Attempted { answers_lost: 1, ..of };
            if silent {
                let half_at_least = 1.0 - jitter / 2.0;
                return postponed(Wait::ours(AFTER_SILENCE.after(1, half_at_least)), repeated, now, jitter);
            }
            Settlement::Postponed { due: now, attempts: of.attempts, answers_lost: 1 }
        }
    }
}

/// How long until the next attempt.
#[derive(Debug, Clone, Copy)]
struct Wait {
    /// What the push service asked for.
    least: Duration,
    /// What we add to it.
    more: Duration,
}

impl Wait {
    /// Nobody asked for it.
    fn ours(more: Duration) -> Self {
        Self { least: Duration::ZERO, more }
    }
}

/// Another attempt after `wait`, or the end where what the push service asked for is past the deadline: nothing is
/// sent after its TTL. What we add ourselves never ends a delivery that could be offered once more.
fn postponed(wait: Wait, of: Attempted, now: UnixMillis, jitter: f64) -> Settlement {
    let left = of.deadline.since(now);
    let soonest = wait.least.max(LEAST);
    let usual = soonest.max(wait.least + wait.more);
    let last_chance = left.saturating_sub(LAST_CHANCE + LAST_CHANCE_SPREAD.mul_f64(jitter));
    let next = match () {
        () if usual < left => usual,
        () if last_chance > soonest => last_chance,
        () if wait.least > Duration::ZERO => soonest,
        () => left,
    };
    if of.now_or_never || next >= left {
        return Settlement::Decided { outcome: Outcome::Expired, at: now, effect: Effect::None };
    }
    let due = now.plus(next);
    Settlement::Postponed { due, attempts: of.attempts, answers_lost: of.answers_lost }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_000_000_000);
    const FRESH: Attempted = Attempted {
        attempts: 1,
        answers_lost: 0,
        began_at: UnixMillis(900_000_000),
        registered_at: UnixMillis(500),
        deadline: UnixMillis(1_086_400_000),
        now_or_never: false,
        other_environment: None,
    };

    fn reason() -> Reason {
        Reason::ours("test")
    }

    fn not_processed(after: Option<Duration>) -> AttemptOutcome {
        AttemptOutcome::NotProcessed { reason: reason(), after }
    }

    fn outcome_of(settlement: Settlement) -> Option<(Outcome, Effect)> {
        match settlement {
            Settlement::Decided { outcome, effect, .. } => Some((outcome, effect)),
            Settlement::Postponed { .. } => None,
        }
    }

    #[test]
    fn a_dead_token_retires_what_was_registered_before_it_died() {
        for (since, dead_since) in [(Some(UnixMillis(501)), UnixMillis(501)), (None, FRESH.began_at)] {
            let settlement = verdict(AttemptOutcome::TokenDead { reason: reason(), since }, FRESH, NOW, 0.5);
            let expected = (Outcome::Gone(reason()), Effect::Dead { since: dead_since });
            assert_eq!(outcome_of(settlement), Some(expected));
        }
    }

    #[test]
    fn a_token_that_was_registered_again_since_it_died_is_kept() {
        let dead = AttemptOutcome::TokenDead { reason: reason(), since: Some(UnixMillis(500)) };
        let settlement = verdict(dead, FRESH, NOW, 0.5);
        assert_eq!(outcome_of(settlement), Some((Outcome::Rejected(reason()), Effect::None)));
    }

    #[test]
    fn a_token_that_does_not_fit_the_app_ends_one_delivery_and_retires_nothing() {
        let misfit = AttemptOutcome::TokenNotForApp { reason: reason(), try_other_environment: true };
        let expected = (Outcome::Rejected(Reason::ours("token_not_for_app")), Effect::None);
        assert_eq!(outcome_of(verdict(misfit, FRESH, NOW, 0.5)), Some(expected));
    }

    #[test]
    fn a_lost_answer_is_repeated_once_and_at_ttl_0_never() {
        let lost = || AttemptOutcome::AnswerLost { reason: reason(), silent: false };
        let unknown = Some((Outcome::Rejected(Reason::ours("answer_unknown")), Effect::None));
        assert_eq!(
            verdict(lost(), FRESH, NOW, 0.5),
            Settlement::Postponed { due: NOW, attempts: 1, answers_lost: 1 }
        );
        assert_eq!(outcome_of(verdict(lost(), Attempted { answers_lost: 1, ..FRESH }, NOW, 0.5)), unknown);
        assert_eq!(outcome_of(verdict(lost(), Attempted { now_or_never: true, ..FRESH }, NOW, 0.5)), unknown);
    }

    #[test]
    fn what_a_silent_push_service_may_have_taken_is_repeated_when_its_breaker_knows() {
        let silent = || AttemptOutcome::AnswerLost { reason: reason(), silent: true };
        for jitter in [0.0, 1.0] {
            let Settlement::Postponed { due, answers_lost: 1, .. } = verdict(silent(), FRESH, NOW, jitter)
            else {
                panic!("it is repeated once")
            };
            assert!((30..=60).contains(&due.since(NOW).as_secs()), "{due}");
        }
        let again = Attempted { answers_lost: 1, ..FRESH };
        let unknown = Some((Outcome::Rejected(Reason::ours("answer_unknown")), Effect::None));
        assert_eq!(outcome_of(verdict(silent(), again, NOW, 0.5)), unknown);
    }

    #[test]
    fn what_never_reached_the_push_service_is_repeated_at_once_also_at_ttl_0() {
        let at_ttl_0 = Attempted { now_or_never: true, deadline: NOW, ..FRESH };
        let settlement = verdict(not_processed(None), at_ttl_0, NOW, 0.5);
        assert_eq!(settlement, Settlement::Postponed { due: NOW, attempts: 1, answers_lost: 0 });
    }

    #[test]
    fn a_host_that_rests_is_tried_again_soon_after_its_rest() {
        let rest = Duration::from_millis(700);
        for jitter in [0.0, 1.0] {
            let Settlement::Postponed { due, attempts: 1, .. } =
                verdict(not_processed(Some(rest)), FRESH, NOW, jitter)
            else {
                panic!("it is tried again")
            };
            assert!(due >= NOW.plus(rest) && due <= NOW.plus(rest + NO_CONNECTION.first), "{due}");
        }
    }

    #[test]
    fn what_waits_for_its_app_comes_soon_after_the_next_try_and_expires_with_its_time() {
        let after = Duration::from_secs(4);
        let waits = || AttemptOutcome::NotAttempted { reason: reason(), after, held: true };
        for jitter in [0.0, 1.0] {
            let Settlement::Postponed { due, .. } = verdict(waits(), FRESH, NOW, jitter) else {
                panic!("it is tried again")
            };
            assert!(due >= NOW.plus(after) && due <= NOW.plus(2 * after), "{due}");
        }
        let ends_soon = Attempted { deadline: NOW.plus(Duration::from_mins(1)), attempts: 9, ..FRESH };
        for held in [waits(), AttemptOutcome::AppHeld { reason: reason() }] {
            let Settlement::Postponed { due, .. } = verdict(held, ends_soon, NOW, 1.0) else {
                panic!("the app may be mended in time")
            };
            assert_eq!(due.since(NOW).as_secs(), 55);
        }
        for held in [waits(), AttemptOutcome::AppHeld { reason: reason() }] {
            let at_ttl_0 = Attempted { now_or_never: true, deadline: NOW, ..FRESH };
            assert_eq!(outcome_of(verdict(held, at_ttl_0, NOW, 0.5)), Some((Outcome::Expired, Effect::None)));
        }
    }

    #[test]
    fn retry_after_is_obeyed() {
        let later = AttemptOutcome::TryLater { reason: reason(), after: Some(Duration::from_mins(10)) };
        let Settlement::Postponed { due, .. } = verdict(later, FRESH, NOW, 0.0) else {
            panic!("it is tried again")
        };
        assert!(due >= NOW.plus(Duration::from_mins(10)));
    }

    #[test]
    fn a_short_wait_stays_short_at_first_and_grows_with_each_attempt() {
        let wait_after = |attempts| {
            let later = AttemptOutcome::TryLater { reason: reason(), after: Some(Duration::from_secs(1)) };
            match verdict(later, Attempted { attempts, ..FRESH }, NOW, 1.0) {
                Settlement::Postponed { due, .. } => due.since(NOW).as_secs(),
                Settlement::Decided { .. } => panic!("it is tried again"),
            }
        };
        assert_eq!([1, 2, 3, 11].map(wait_after), [2, 3, 5, 901]);
    }

    fn any_outcome() -> impl Strategy<Value = AttemptOutcome> {
        let after = proptest::option::of((0u64..100_000_000).prop_map(Duration::from_secs));
        let rest = after.clone();
        let since = proptest::option::of((0i64..2_000_000_000).prop_map(UnixMillis));
        prop_oneof![
            Just(AttemptOutcome::Accepted),
            since.prop_map(|since| AttemptOutcome::TokenDead { reason: reason(), since }),
            any::<bool>().prop_map(|try_other_environment| AttemptOutcome::TokenNotForApp {
                reason: reason(),
                try_other_environment
            }),
            Just(AttemptOutcome::AppHeld { reason: reason() }),
            (0u64..100_000, any::<bool>()).prop_map(|(after, held)| AttemptOutcome::NotAttempted {
                reason: reason(),
                after: Duration::from_secs(after),
                held
            }),
            Just(AttemptOutcome::Rejected { reason: reason() }),
            after.prop_map(|after| AttemptOutcome::TryLater { reason: reason(), after }),
            rest.prop_map(not_processed),
            any::<bool>().prop_map(|silent| AttemptOutcome::AnswerLost { reason: reason(), silent }),
        ]
    }

    proptest! {
        #[test]
        fn no_attempt_is_set_for_after_the_deadline(
            outcome in any_outcome(),
            attempts in 4u32..10_000,
            answers_lost in 0u32..2,
            seconds_left in 0u64..3_000_000,
            jitter in 0.0f64..=1.0,
        ) {
            let deadline = NOW.plus(Duration::from_secs(seconds_left));
            let of = Attempted { attempts, answers_lost, deadline, now_or_never: seconds_left == 0, ..FRESH };
            if let Settlement::Postponed { due, attempts: kept, .. } = verdict(outcome, of, NOW, jitter) {
                prop_assert!(due < deadline);
                prop_assert_eq!(kept, attempts);
            }
        }

        #[test]
        fn a_wait_of_our_own_ends_nothing_before_its_last_chance(
            outcome in any_outcome(),
            attempts in 1u32..10_000,
            seconds_left in 6u64..3_000_000,
            jitter in 0.0f64..=1.0,
        ) {
            let named = matches!(&outcome, AttemptOutcome::TryLater { after: Some(_), .. });
            let deadline = NOW.plus(Duration::from_secs(seconds_left));
            let settlement = verdict(outcome, Attempted { attempts, deadline, ..FRESH }, NOW, jitter);
            prop_assert!(named || outcome_of(settlement).is_none_or(|(outcome, _)| outcome != Outcome::Expired));
        }

        #[test]
        fn the_last_seconds_are_no_busy_loop(outcome in any_outcome(), jitters in vec(0.0f64..=1.0, 64)) {
            let deadline = NOW.plus(Duration::from_secs(20));
            let mut of = Attempted { attempts: 5, deadline, ..FRESH };
            let (mut now, mut tries) = (NOW, 0);
            for jitter in jitters {
                let Settlement::Postponed { due, answers_lost, .. } = verdict(outcome.clone(), of, now, jitter) else {
                    break;
                };
                (now, tries) = (due, tries + 1);
                of = Attempted { attempts: of.attempts + 1, answers_lost, ..of };
            }
            prop_assert!(tries < 32, "{tries}");
        }

        #[test]
        fn no_attempt_comes_before_what_the_push_service_asked_for(
            seconds in 0u64..80_000,
            attempts in 1u32..10_000,
            jitter in 0.0f64..=1.0,
        ) {
            let after = Duration::from_secs(seconds);
            let asked = AttemptOutcome::TryLater { reason: reason(), after: Some(after) };
            if let Settlement::Postponed { due, .. } =
                verdict(asked, Attempted { attempts, ..FRESH }, NOW, jitter)
            {
                prop_assert!(due >= NOW.plus(after));
            }
        }

        #[test]
        fn the_wait_is_anywhere_below_a_ceiling_that_doubles(attempts in 1u32..100, jitter in 0.0f64..=1.0) {
            let ceiling = PUSH_SERVICE_BUSY.first * 2u32.pow(attempts.saturating_sub(1).min(10));
            let ceiling = ceiling.min(PUSH_SERVICE_BUSY.most);
            let busy = AttemptOutcome::TryLater { reason: reason(), after: None };
            let Settlement::Postponed { due, .. } = verdict(busy, Attempted { attempts, ..FRESH }, NOW, jitter)
            else {
                panic!("it is tried again")
            };
            let expected = ceiling.mul_f64(jitter).max(LEAST);
            prop_assert!(due.since(NOW).abs_diff(expected) <= Duration::from_millis(1), "{due}");
        }

        #[test]
        fn at_ttl_0_nothing_waits(outcome in any_outcome(), attempts in 4u32..100, jitter in 0.0f64..=1.0) {
            let of = Attempted { attempts, now_or_never: true, deadline: NOW, ..FRESH };
            prop_assert!(outcome_of(verdict(outcome, of, NOW, jitter)).is_some());
        }

        #[test]
        fn an_attempt_is_counted_and_a_lost_answer_is_not_forgotten(
            outcome in any_outcome(),
            attempts in 1u32..10_000,
            answers_lost in 0u32..2,
            jitter in 0.0f64..=1.0,
        ) {
            let lost = matches!(outcome, AttemptOutcome::AnswerLost { .. });
            let of = Attempted { attempts, answers_lost, ..FRESH };
            if let Settlement::Postponed { attempts: kept, answers_lost: after, .. } =
                verdict(outcome, of, NOW, jitter)
            {
                prop_assert_eq!(kept, attempts);
                prop_assert_eq!(after, answers_lost + u32::from(lost));
                prop_assert!(after <= 1);
            }
        }

        #[test]
        fn what_is_said_of_the_device_or_the_message_ends_it_and_nothing_else_does(
            outcome in any_outcome(),
            attempts in 1u32..100,
            jitter in 0.0f64..=1.0,
        ) {
            use AttemptOutcome::{Accepted, Rejected, TokenDead, TokenNotForApp};
            // Nobody asks for more than a day of patience here: the deadline is further away than that.
            let patient = match outcome {
                AttemptOutcome::TryLater { after: Some(after), .. }
                | AttemptOutcome::NotProcessed { after: Some(after), .. }
                | AttemptOutcome::NotAttempted { after, .. } => after < Duration::from_hours(10),
                _ => true,
            };
            prop_assume!(patient);
            let ends = matches!(
                outcome,
                Accepted | Rejected { .. } | TokenDead { .. } | TokenNotForApp { .. }
            );
            let settlement = verdict(outcome, Attempted { attempts, ..FRESH }, NOW, jitter);
            prop_assert_eq!(outcome_of(settlement).is_some(), ends);
        }

        #[test]
        fn only_a_dead_token_retires(outcome in any_outcome(), jitter in 0.0f64..=1.0) {
            let dead = matches!(outcome, AttemptOutcome::TokenDead { .. });
            if let Some((_, Effect::Dead { .. })) = outcome_of(verdict(outcome, FRESH, NOW, jitter)) {
                prop_assert!(dead);
            }
        }
    }
}

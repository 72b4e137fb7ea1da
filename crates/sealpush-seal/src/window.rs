//! How old, and how far ahead, a time may be.
//!
//! Owns the spans of the protocol, in milliseconds; exactly so much still passes. Must not read a clock. Read next:
//! [`crate::DeviceKeys::open`].

const SECOND: u64 = 1000;
const HOUR: u64 = 60 * 60 * SECOND;
const DAY: u64 = 24 * HOUR;

/// The oldest envelope that a device takes: 28 days, which is how long a push service may hold one.
pub(crate) const ENVELOPE_AGE_MS: u64 = 28 * DAY;
/// The oldest sealed registration that the relay takes.
pub(crate) const REGISTRATION_AGE_MS: u64 = 24 * HOUR;
/// How far ahead the clock of the other side may be.
pub(crate) const AHEAD_MS: u64 = 5 * 60 * SECOND;
/// How long opened deliveries are remembered and old private keys kept: longer than any envelope that would open lives.
pub(crate) const REMEMBERED_MS: u64 = 30 * DAY;
/// How long the identity key before a change is taken.
pub(crate) const PREVIOUS_IDENTITY_MS: u64 = 28 * DAY;

/// Whether `at_ms` is at most `age_ms` before `now_ms`, and at most 5 minutes after it.
pub(crate) fn is_within(at_ms: u64, now_ms: u64, age_ms: u64) -> bool {
    now_ms.saturating_sub(at_ms) <= age_ms && at_ms.saturating_sub(now_ms) <= AHEAD_MS
}

#[cfg(test)]
mod tests {
    use super::{AHEAD_MS, is_within};

    #[test]
    fn exactly_so_much_still_passes() {
        let (now, age) = (1_000_000, 1000);
        assert!(is_within(now - age, now, age) && is_within(now + AHEAD_MS, now, age));
        assert!(!is_within(now - age - 1, now, age));
        assert!(!is_within(now + AHEAD_MS + 1, now, age));
    }

    #[test]
    fn times_at_the_ends_of_the_number_do_not_wrap() {
        assert!(!is_within(u64::MAX, 0, 1000));
        assert!(!is_within(0, u64::MAX, 1000));
        assert!(is_within(u64::MAX, u64::MAX, 0));
    }
}

//! How long to leave a host alone that failed.

use std::time::Duration;

use crate::base::Entropy;

const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_mins(1);

/// The wait after the `failures`th failure in a row, counted from 1: doubling from 1 s to 60 s, of which a
/// random half is taken away, so that many relays do not come back at one moment.
pub(super) fn after(failures: u32, entropy: &dyn Entropy) -> Duration {
    let doublings = failures.saturating_sub(1).min(6);
    let full = (SHORTEST * 2_u32.pow(doublings)).min(LONGEST);
    full.mul_f64(1.0 - entropy.fraction() / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::OsEntropy;

    #[test]
    fn the_wait_doubles_up_to_a_minute_and_is_never_less_than_half() {
        for (failures, full) in [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (1000, 60)] {
            let wait = after(failures, &OsEntropy);
            let full = Duration::from_secs(full);
            assert!(full / 2 <= wait && wait <= full, "{failures}: {wait:?}");
        }
    }
}

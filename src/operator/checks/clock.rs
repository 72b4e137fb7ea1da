//! This machine's clock, against those of the hosts that answered.

use std::time::Duration;

use super::{Area, Finding};
use crate::base::UnixMillis;

/// A provider token of APNs may differ by an hour, an assertion of Google's by a little, a sealed registration by
/// five minutes.
const WRONG: Duration = Duration::from_mins(5);
/// An answer is under way for a moment, and its date has whole seconds.
const NEAR: Duration = Duration::from_secs(30);

/// A host's time beside ours at the moment of its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Compared {
    pub(super) host: String,
    pub(super) theirs: UnixMillis,
    pub(super) ours: UnixMillis,
}

/// `taken`: APNs took a token that was dated with our time.
pub(super) fn finding(compared: &[Compared], taken: bool) -> Finding {
    const SUBJECT: &str = "this machine's clock";
    let apart = |one: &Compared| one.theirs.since(one.ours).max(one.ours.since(one.theirs));
    // The host that agrees best: one that is wrong itself does not count against us.
    let Some(best) = compared.iter().min_by_key(|one| apart(one)) else {
        return if taken {
            Finding::fine(Area::Clock, SUBJECT, "is right to the hour: APNs took a token that it dated")
        } else {
            Finding::skipped(Area::Clock, SUBJECT, "no host that answered says what time it is")
        };
    };
    let (off, host) = (apart(best), &best.host);
    let direction = if best.ours > best.theirs { "ahead of" } else { "behind" };
    let text = format!("is {} s {direction} {host}", off.as_secs());
    let mend = "switch time synchronisation on: `timedatectl set-ntp true`, or install chrony";
    if off > WRONG {
        let text = format!("{text}: push services refuse tokens with such a date");
        Finding::failed(Area::Clock, SUBJECT, text).mend(mend)
    } else if off > NEAR {
        Finding::warning(Area::Clock, SUBJECT, text).mend(mend)
    } else {
        Finding::fine(Area::Clock, SUBJECT, format!("agrees with {host}"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    fn compared(host: &str, theirs: i64) -> Compared {
        Compared { host: host.to_owned(), theirs: UnixMillis(theirs * 1000), ours: UnixMillis(10_000_000) }
    }

    #[test]
    fn a_clock_is_judged_by_the_host_that_agrees_best() {
        let verdict =
            |seconds: i64| finding(&[compared("a", 0), compared("b", 10_000 + seconds)], false).verdict;
        assert_eq!(verdict(30), Verdict::Fine);
        assert_eq!(verdict(-31), Verdict::Warning);
        assert_eq!(verdict(301), Verdict::Failed);
        assert_eq!(verdict(-3600), Verdict::Failed);
    }

    #[test]
    fn without_a_date_a_token_that_was_taken_tells_the_hour() {
        assert_eq!(finding(&[], true).verdict, Verdict::Fine);
        assert_eq!(finding(&[], false).verdict, Verdict::Skipped);
    }
}

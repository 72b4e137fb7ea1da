//! The registration keys: whether apps have one to seal to, now and next month.

use std::time::Duration;

use super::{Area, Finding};
use crate::base::UnixMillis;
use crate::config::Config;
use crate::privacy::{KeyState, RegistrationKeys, ShownRegistrationKey, ShownRegistrationKeys};

/// Two keys should be good at once for so long, so that an app that keeps a key for a while has the next one in time.
const OVERLAP: Duration = Duration::from_hours(28 * 24);
const ROTATE: &str = "`sealpush keys rotate registration`";

pub(super) fn findings(config: &Config, now: UnixMillis) -> Vec<Finding> {
    let shown = RegistrationKeys::new(config.registration_keys.as_ref()).shown(now);
    let (Some(shown), Some(files)) = (shown, &config.registration_key_files) else {
        let text = "there are none, so the relay takes no sealed registrations";
        return vec![
            Finding::skipped(Area::Keys, "registration keys", text)
                .mend("`sealpush keys generate registration` makes what it needs"),
        ];
    };
    let ring = files.ring.display().to_string();
    let mut findings = vec![of_the_time(&ring, &shown, now)];
    let (signed, all) = (shown.keys.iter().filter(|key| key.is_signed).count(), shown.keys.len());
    let list = format!("{signed} of {all} key(s) hold under the long-term key {}", shown.long_term_id);
    findings.push(if signed == all {
        Finding::fine(Area::Keys, ring, list)
    } else {
        // Our own signature under our own key: only broken memory or a broken library gets here.
        Finding::failed(Area::Keys, ring, list).mend("test this machine's memory")
    });
    findings
}

/// Whether apps have a key to seal to, and for how long.
fn of_the_time(ring: &str, shown: &ShownRegistrationKeys, now: UnixMillis) -> Finding {
    let Some(current) = shown.current() else {
        let text = match next(shown, now) {
            Some(next) => format!("no key is valid now, and the next one from {} on", next.valid_from),
            None => "all keys have ended: apps cannot seal registrations".to_owned(),
        };
        return Finding::failed(Area::Keys, ring, text).mend(ROTATE);
    };
    // Apps seal to whichever is valid: the last to end counts.
    let good = shown.keys.iter().filter(|key| matches!(key.state, KeyState::Current | KeyState::Previous));
    let end = good.map(|key| key.valid_until).max().unwrap_or(current.valid_until);
    match next(shown, now) {
        Some(next) if next.valid_from > end => {
            let (ends, begins) = (end.day(), next.valid_from.day());
            let text = format!("key {} ends on {ends}, and the next one begins on {begins}", current.id);
            return Finding::failed(Area::Keys, ring, text).mend(format!("{ROTATE} closes the gap"));
        }
        None if end.since(now) < OVERLAP => {
            let text = format!("key {} ends on {}, and there is no other", current.id, end.day());
            return Finding::warning(Area::Keys, ring, text).mend(ROTATE);
        }
        _ => {}
    }
    Finding::fine(
        Area::Keys,
        ring,
        format!("apps seal registrations to key {}, until {}", current.id, end.day()),
    )
}

/// The first key whose time has not come.
fn next(shown: &ShownRegistrationKeys, now: UnixMillis) -> Option<&ShownRegistrationKey> {
    shown.keys.iter().filter(|key| key.valid_from > now).min_by_key(|key| key.valid_from)
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;
    use crate::base::Secret;
    use crate::config::{RegistrationKey, RegistrationKeyring};

    const DAY: i64 = 86_400_000;

    /// What is found on day 100 about keys that are valid from one day to another.
    fn found(keys: &[(i64, i64)]) -> (Verdict, String) {
        let keys = (1..).zip(keys).map(|(byte, (from, until))| RegistrationKey {
            private: Secret::new([byte; 32]),
            valid_from: UnixMillis(from * DAY),
            valid_until: UnixMillis(until * DAY),
        });
        let ring = RegistrationKeyring { long_term: Secret::new([9; 32]), keys: keys.collect() };
        let now = UnixMillis(100 * DAY);
        let shown = RegistrationKeys::new(Some(&ring)).shown(now).unwrap();
        let finding = of_the_time("ring.json", &shown, now);
        (finding.verdict, format!("{} {}", finding.text, finding.mend.unwrap_or_default()))
    }

    #[test]
    fn a_key_is_renewed_a_month_before_its_end() {
        for (keys, verdict, text) in [
            (&[(0, 128)][..], Verdict::Fine, "until 1970-05-09"),
            (&[(0, 127)], Verdict::Warning, "there is no other `sealpush keys rotate registration`"),
            (&[(0, 110), (90, 400)], Verdict::Fine, "until 1971-02-05"),
            (&[(0, 110), (105, 400)], Verdict::Fine, "until 1970-04-21"),
            (&[(0, 110), (111, 400)], Verdict::Failed, "the next one begins on 1970-04-22"),
            (&[(0, 99)], Verdict::Failed, "all keys have ended"),
            (&[(0, 99), (101, 400)], Verdict::Failed, "no key is valid now"),
        ] {
            let found = found(keys);
            assert_eq!(found.0, verdict, "{keys:?}: {}", found.1);
            assert!(found.1.contains(text), "{keys:?}: {}", found.1);
        }
    }
}

//! One limit, for many keys.

use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::RateLimiter;
use governor::middleware::NoOpMiddleware;

use super::keys::Keys;
use super::steady_clock::SteadyClock;
use crate::model::{Quota, Quotas, RateLimit};

/// How a limit stands for one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitStanding {
    /// The limit.
    pub limit: RateLimit,
    /// What it allows.
    pub quota: Quota,
    /// How much of it is left.
    pub remaining: u32,
    /// Until all of it is there again; for who was refused, until the same may be asked again.
    pub reset: Duration,
}

/// Refused by a limit: `reset` says when to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the limit {} is reached", .0.limit.as_str())]
pub struct RateLimited(pub LimitStanding);

/// A limit that holds for each key apart. One that is switched off refuses nothing and remembers nothing.
#[derive(Debug)]
pub(super) struct Limiter<K: Eq + Hash + Clone> {
    limit: RateLimit,
    most: usize,
    on: Option<Arc<On<K>>>,
}

#[derive(Debug)]
struct On<K: Eq + Hash + Clone> {
    quota: Quota,
    limiter: RateLimiter<K, Keys<K>, SteadyClock, NoOpMiddleware<Duration>>,
    keys: Keys<K>,
    clock: SteadyClock,
    /// Where the limiter's time begins, by the clock.
    start: Duration,
}

impl<K: Eq + Hash + Clone> Limiter<K> {
    /// The limit with its quota, if it has one; it remembers up to `most` keys.
    pub(super) fn new(limit: RateLimit, quotas: &Quotas, most: usize, clock: &SteadyClock) -> Self {
        let on = quotas.get(&limit).map(|&quota| {
            let every = (quota.per / quota.amount.get()).max(Duration::from_nanos(1));
            let theirs =
                governor::Quota::with_period(every).expect("it is not zero").allow_burst(quota.amount);
            let keys = Keys::new(most);
            let start = clock.elapsed();
            let limiter = RateLimiter::new(theirs, keys.clone(), clock.clone());
            Arc::new(On { quota, limiter, keys, clock: clock.clone(), start })
        });
        Self { limit, most, on }
    }

    /// The same limit under these quotas: with all that it remembers where its own is as before, else anew.
    pub(super) fn under(&self, quotas: &Quotas, clock: &SteadyClock) -> Self {
        if self.on.as_ref().map(|on| &on.quota) == quotas.get(&self.limit) {
            return Self { limit: self.limit, most: self.most, on: self.on.clone() };
        }
        Self::new(self.limit, quotas, self.most, clock)
    }

    /// Which limit it is.
    pub(super) fn limit(&self) -> RateLimit {
        self.limit
    }

    /// Whether anybody has less than the whole quota.
    pub(super) fn knows_any(&self) -> bool {
        self.on.as_ref().is_some_and(|on| on.keys.len() > 0)
    }

    /// Takes `amount` of the quota of `key`, all of it or nothing. More than the whole quota counts as all of it.
    pub(super) fn take(&self, key: &K, amount: u32) -> Result<(), RateLimited> {
        let (Some(on), Some(amount)) = (&self.on, NonZeroU32::new(amount)) else { return Ok(()) };
        let amount = amount.min(on.quota.amount);
        let taken = on.limiter.check_key_n(key, amount).expect("it is no more than the whole quota");
        let Err(not_until) = taken else { return Ok(()) };
        let wait = not_until.wait_time_from(on.clock.elapsed());
        let now = on.now();
        on.keys.refused(key, now + wait);
        let standing = LimitStanding {
            limit: self.limit,
            quota: on.quota,
            remaining: on.remaining(key, now),
            reset: wait,
        };
        Err(RateLimited(standing))
    }

    /// Refuses a key that has nothing left, and takes nothing.
    pub(super) fn check(&self, key: &K) -> Result<(), RateLimited> {
        match self.standing(key) {
            Some(standing) if standing.remaining == 0 => {
                let on = self.on.as_ref().expect("a limit that is off has no standing");
                // The rest comes back evenly: what is needed is the first of it.
                let until_one = standing.reset.saturating_sub(on.per_one() * (on.quota.amount.get() - 1));
                Err(RateLimited(LimitStanding { reset: until_one, ..standing }))
            }
            _ => Ok(()),
        }
    }

    /// How it stands for `key`; `None` where the limit is switched off.
    pub(super) fn standing(&self, key: &K) -> Option<LimitStanding> {
        let on = self.on.as_ref()?;
        let now = on.now();
        let reset = on.keys.whole_at(key).map_or(Duration::ZERO, |at| at.saturating_sub(now));
        Some(LimitStanding { limit: self.limit, quota: on.quota, remaining: on.remaining(key, now), reset })
    }

    /// Who was refused and must still wait.
    pub(super) fn refused_now(&self) -> Vec<K> {
        self.on.as_ref().map_or_else(Vec::new, |on| on.keys.refused_now(on.now()))
    }

    /// Forgets who has its whole quota; says how many are left.
    pub(super) fn forget_whole(&self) -> usize {
        let Some(on) = &self.on else { return 0 };
        on.keys.forget_whole(on.now());
        on.keys.len()
    }
}

impl<K: Eq + Hash + Clone> On<K> {
    /// Now, in the limiter's time.
    fn now(&self) -> Duration {
        self.clock.elapsed().saturating_sub(self.start)
    }

    /// In which time one comes back.
    fn per_one(&self) -> Duration {
        self.quota.per / self.quota.amount.get()
    }

    fn remaining(&self, key: &K, now: Duration) -> u32 {
        let used = self.keys.whole_at(key).map_or(Duration::ZERO, |at| at.saturating_sub(now));
        let used = used.as_nanos().div_ceil(self.per_one().as_nanos().max(1));
        self.quota.amount.get().saturating_sub(u32::try_from(used).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::{Clock, ManualClock, UnixMillis};

    fn limiter(quota: Option<&str>, most: usize) -> (Limiter<u32>, Arc<ManualClock>) {
        let wall = Arc::new(ManualClock::at(UnixMillis(1_000_000)));
        let clock = SteadyClock::new(Arc::clone(&wall) as Arc<dyn Clock>);
        let quotas =
            quota.map(|text| (RateLimit::SenderRequests, text.parse().unwrap())).into_iter().collect();
        (Limiter::new(RateLimit::SenderRequests, &quotas, most, &clock), wall)
    }

    fn remaining(limiter: &Limiter<u32>, key: u32) -> u32 {
        limiter.standing(&key).unwrap().remaining
    }

    #[test]
    fn the_whole_quota_may_come_at_once_and_grows_back_evenly() {
        let (limiter, wall) = limiter(Some("60 per minute"), 10);
        assert!(limiter.take(&1, 60).is_ok());
        let RateLimited(refused) = limiter.take(&1, 5).unwrap_err();
        assert_eq!((refused.remaining, refused.reset), (0, Duration::from_secs(5)));
        wall.advance(Duration::from_secs(4));
        assert_eq!(remaining(&limiter, 1), 4);
        assert!(limiter.take(&1, 5).is_err() && limiter.take(&1, 4).is_ok());
    }

    #[test]
    fn a_refused_one_takes_nothing_and_each_key_has_its_own() {
        let (limiter, _) = limiter(Some("10 per hour"), 10);
        assert!(limiter.take(&1, 8).is_ok() && limiter.take(&1, 3).is_err());
        assert_eq!((remaining(&limiter, 1), remaining(&limiter, 2)), (2, 10));
    }

    #[test]
    fn more_than_the_whole_quota_is_taken_as_all_of_it() {
        let (limiter, _) = limiter(Some("10 per second"), 10);
        assert!(limiter.take(&1, 1_000).is_ok());
        assert_eq!(remaining(&limiter, 1), 0);
    }

    #[test]
    fn who_has_nothing_left_is_refused_without_taking() {
        let (limiter, wall) = limiter(Some("2 per minute"), 10);
        assert!(limiter.check(&1).is_ok());
        limiter.take(&1, 2).unwrap();
        let RateLimited(refused) = limiter.check(&1).unwrap_err();
        assert_eq!(refused.reset, Duration::from_secs(30));
        wall.advance(Duration::from_secs(30));
        assert!(limiter.check(&1).is_ok() && limiter.check(&1).is_ok());
    }

    #[test]
    fn who_must_wait_is_known_until_the_wait_is_over() {
        let (limiter, wall) = limiter(Some("1 per minute"), 10);
        let _ = (limiter.take(&1, 1), limiter.take(&1, 1), limiter.take(&2, 1));
        assert_eq!(limiter.refused_now(), [1]);
        wall.advance(Duration::from_mins(1));
        assert_eq!(limiter.refused_now(), Vec::<u32>::new());
    }

    #[test]
    fn who_has_the_whole_quota_is_forgotten() {
        let (limiter, wall) = limiter(Some("60 per minute"), 10);
        let _ = (limiter.take(&1, 1), limiter.take(&2, 30));
        wall.advance(Duration::from_secs(2));
        assert_eq!(limiter.forget_whole(), 1);
        assert_eq!(remaining(&limiter, 2), 32);
    }

    #[test]
    fn more_keys_than_there_is_room_for_are_let_through_and_not_remembered() {
        let (limiter, _) = limiter(Some("1 per minute"), 2);
        for key in 1..=4 {
            assert!(limiter.take(&key, 1).is_ok());
        }
        let refused = [1, 2, 3, 4].map(|key| limiter.take(&key, 1).is_err());
        assert_eq!((refused, limiter.forget_whole()), ([true, true, false, false], 2));
    }

    #[test]
    fn a_limit_that_did_not_change_remembers_and_one_that_did_begins_anew() {
        let (old, wall) = limiter(Some("1 per minute"), 10);
        let clock = SteadyClock::new(wall as Arc<dyn Clock>);
        let quotas = |text: &str| [(RateLimit::SenderRequests, text.parse().unwrap())].into_iter().collect();
        old.take(&1, 1).unwrap();
        assert!(old.under(&quotas("1 per minute"), &clock).take(&1, 1).is_err());
        assert!(old.under(&quotas("1 per hour"), &clock).take(&1, 1).is_ok());
        assert_eq!(old.under(&Quotas::new(), &clock).standing(&1), None);
    }

    #[test]
    fn a_limit_that_is_switched_off_refuses_nothing() {
        let (limiter, _) = limiter(None, 10);
        assert!((0..1_000).all(|_| limiter.take(&1, 1_000).is_ok()));
        assert_eq!((limiter.standing(&1), limiter.check(&1).is_ok()), (None, true));
    }
}

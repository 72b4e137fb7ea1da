//! How often: what is refused because its asker asks too often, so that no one can use up what all share.
//!
//! Everything is in memory and ends with the process. Clients' networks are known by a hash under a key that
//! changes daily, and nobody is counted beyond the moment at which the whole quota is there again. Must not know
//! HTTP. Read next: `limiter.rs`.

mod keys;
mod limiter;
mod limiters;
mod steady_clock;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use self::limiter::Limiter;
use self::limiters::Limiters;
use self::steady_clock::SteadyClock;
use crate::base::{Clock, Entropy, Live};
use crate::model::{
    AppId, BearerToken, ClientNetwork, Quotas, RateLimit, SenderId, SubscriptionId, TokenKindPrefix,
};
use crate::privacy::{ClientHash, DailyHash};
use crate::telemetry::Metrics;

pub use limiter::{LimitStanding, RateLimited};

/// Between two rounds of forgetting.
const PAUSE: Duration = Duration::from_secs(10);

/// A sender that was refused and must still wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitedSender {
    /// The sender.
    pub sender: SenderId,
    /// By which limit.
    pub limit: RateLimit,
}

/// The limits of a relay.
pub struct RateLimits {
    limiters: Live<Limiters>,
    clients: DailyHash,
    clock: SteadyClock,
    metrics: Arc<Metrics>,
}

impl RateLimits {
    /// Limits of these quotas; what `quotas` does not have is not limited.
    #[must_use]
    pub fn new(
        quotas: &Quotas,
        clock: &Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        metrics: Arc<Metrics>,
    ) -> Self {
        let steady = SteadyClock::new(Arc::clone(clock));
        Self {
            limiters: Live::new(Limiters::new(quotas, &steady)),
            clients: DailyHash::new(Arc::clone(clock), entropy),
            clock: steady,
            metrics,
        }
    }

    /// Other quotas from now on. A limit that changes begins anew for everybody; the others go on.
    pub fn replace(&self, quotas: &Quotas) {
        self.limiters.set(self.now().under(quotas, &self.clock));
    }

    fn now(&self) -> Arc<Limiters> {
        self.limiters.get()
    }

    /// A request from `client`, which is no sender's.
    pub fn request(&self, client: Option<&ClientNetwork>) -> Result<(), RateLimited> {
        self.of_client(&self.now().address_requests, client)
    }

    /// A try to register from `client`.
    pub fn registration(&self, client: Option<&ClientNetwork>) -> Result<(), RateLimited> {
        self.of_client(&self.now().address_registrations, client)
    }

    /// A registration under an app of this relay.
    pub fn registration_of(&self, app: &AppId) -> Result<(), RateLimited> {
        self.counted(self.now().app_registrations.take(app, 1))
    }

    /// A subscription that an app at `client` makes.
    pub fn subscription(&self, client: Option<&ClientNetwork>) -> Result<(), RateLimited> {
        self.of_client(&self.now().address_subscriptions, client)
    }

    /// A change of itself that `sender` makes, which the audit log keeps.
    pub fn change_by(&self, sender: SenderId) -> Result<(), RateLimited> {
        self.counted(self.now().sender_changes.take(&sender, 1))
    }

    /// A registration that `sender` hands on.
    pub(super) fn registration_by(&self, sender: SenderId) -> Result<(), RateLimited> {
        self.counted(self.now().sender_registrations.take(&sender, 1))
    }

    /// A try to be admitted as a sender from `client`.
    pub fn admission(&self, client: Option<&ClientNetwork>) -> Result<(), RateLimited> {
        self.of_client(&self.now().address_senders, client)
    }

    /// A try to confirm a registration from `client`.
    pub fn confirmation(&self, client: Option<&ClientNetwork>) -> Result<(), RateLimited> {
        self.of_client(&self.now().address_confirmations, client)
    }

    /// Asked before anybody looks whether `bearer` is valid: refuses where too much failed already, from this
    /// network or with this credential's id.
    pub fn before_authentication(
        &self,
        client: Option<&ClientNetwork>,
        bearer: Option<&str>,
    ) -> Result<(), RateLimited> {
        let limiters = self.now();
        if let Some(id) = bearer.filter(|_| limiters.credential_failures.knows_any()).and_then(credential_id)
        {
            self.counted(limiters.credential_failures.check(&id))?;
        }
        if let Some(client) = client.filter(|_| limiters.address_failures.knows_any()) {
            self.counted(limiters.address_failures.check(&self.clients.of(client)))?;
        }
        Ok(())
    }

    /// `bearer` was presented and is not valid.
    pub fn authentication_failed(&self, client: Option<&ClientNetwork>, bearer: Option<&str>) {
        let limiters = self.now();
        // What would be over the limit is counted as being at it: who asks learns that the next time.
        if let Some(id) = bearer.and_then(credential_id) {
            let _ = limiters.credential_failures.take(&id, 1);
        }
        if let Some(client) = client {
            let _ = limiters.address_failures.take(&self.clients.of(client), 1);
        }
    }

    /// A request of a sender that proved who it is.
    pub(super) fn request_of(&self, sender: SenderId) -> Result<(), RateLimited> {
        self.counted(self.now().sender_requests.take(&sender, 1))
    }

    /// A notification of `sender` with so many targets.
    pub(super) fn targets_of(&self, sender: SenderId, targets: usize) -> Result<(), RateLimited> {
        let targets = u32::try_from(targets).unwrap_or(u32::MAX);
        self.counted(self.now().sender_targets.take(&sender, targets))
    }

    /// Whether one more notification may go to `subscription` now.
    pub(super) fn target(&self, subscription: SubscriptionId) -> bool {
        self.counted(self.now().subscription_targets.take(&subscription, 1)).is_ok()
    }

    /// How the limits of a sender stand.
    #[must_use]
    pub fn of_sender(&self, sender: SenderId) -> Vec<LimitStanding> {
        let limiters = self.now();
        let standings =
            [limiters.sender_requests.standing(&sender), limiters.sender_targets.standing(&sender)];
        standings.into_iter().flatten().collect()
    }

    /// The senders that are at a limit now, by id. That, and no figures of them.
    #[must_use]
    pub fn limited_senders(&self) -> Vec<LimitedSender> {
        let by = |limiter: &Limiter<SenderId>| {
            let limit = limiter.limit();
            limiter.refused_now().into_iter().map(move |sender| LimitedSender { sender, limit })
        };
        let limiters = self.now();
        let mut limited: Vec<_> = limiters.of_senders().into_iter().flat_map(by).collect();
        limited.sort_by_key(|one| (*one.sender.as_bytes(), one.limit));
        limited
    }

    /// The limits at which some network is now: which network it is, nobody can tell.
    #[must_use]
    pub fn limited_networks(&self) -> Vec<RateLimit> {
        let limiters = self.now();
        let refused = limiters.of_clients().into_iter().filter(|limiter| !limiter.refused_now().is_empty());
        refused.map(Limiter::limit).collect()
    }

    /// Forgets who has its whole quota again, until `shutdown`.
    pub async fn run(self: Arc<Self>, shutdown: CancellationToken) {
        let mut pause = tokio::time::interval(PAUSE);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = pause.tick() => {}
            }
            let limits = Arc::clone(&self);
            // A million keys take a few hundredths of a second, in which no request must wait.
            if tokio::task::spawn_blocking(move || limits.forget()).await.is_err() {
                tracing::error!("limits could not forget; they go on");
            }
        }
    }

    fn forget(&self) {
        for (limit, keys) in self.now().forget_whole() {
            self.metrics.rate_limit_keys(limit, keys as u64);
        }
    }

    fn of_client(
        &self,
        limiter: &Limiter<ClientHash>,
        client: Option<&ClientNetwork>,
    ) -> Result<(), RateLimited> {
        client.map_or(Ok(()), |client| self.counted(limiter.take(&self.clients.of(client), 1)))
    }

    fn counted(&self, taken: Result<(), RateLimited>) -> Result<(), RateLimited> {
        taken.inspect_err(|RateLimited(standing)| self.metrics.rate_limited(standing.limit))
    }
}

/// The id in a bearer token of any kind; a mistyped one has none.
fn credential_id(bearer: &str) -> Option<[u8; 16]> {
    let kinds = [TokenKindPrefix::Sender, TokenKindPrefix::Registration, TokenKindPrefix::Operator];
    let token = kinds.into_iter().find_map(|kind| BearerToken::parse(kind, bearer).ok())?;
    Some(*token.id::<()>().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{ManualClock, OsEntropy, UnixMillis};

    fn limits(quotas: &[(RateLimit, &str)]) -> (RateLimits, Arc<ManualClock>) {
        let wall = Arc::new(ManualClock::at(UnixMillis(1_000_000)));
        let quotas = quotas.iter().map(|(limit, quota)| (*limit, quota.parse().unwrap())).collect();
        let clock = Arc::clone(&wall) as Arc<dyn Clock>;
        (RateLimits::new(&quotas, &clock, Arc::new(OsEntropy), Arc::default()), wall)
    }

    fn client(address: &str) -> ClientNetwork {
        ClientNetwork::of(address.parse().unwrap())
    }

    fn credential(id: u8) -> String {
        BearerToken::from_parts(SenderId::from_bytes([id; 16]), [0; 32]).reveal(TokenKindPrefix::Sender)
    }

    #[test]
    fn an_ipv6_64_shares_one_limit_and_an_unknown_client_has_none() {
        let (limits, _) = limits(&[(RateLimit::AddressRegistrations, "1 per hour")]);
        assert!(limits.registration(Some(&client("2001:db8::1"))).is_ok());
        assert!(limits.registration(Some(&client("2001:db8::2"))).is_err());
        assert!(limits.registration(Some(&client("2001:db8:0:1::1"))).is_ok());
        assert!((0..10).all(|_| limits.registration(None).is_ok()));
    }

    #[test]
    fn failures_with_one_credential_stop_that_credential_and_nobody_else() {
        let (limits, wall) = limits(&[
            (RateLimit::CredentialFailures, "2 per minute"),
            (RateLimit::AddressFailures, "9 per minute"),
        ]);
        let (here, one, other) = (client("192.0.2.1"), credential(1), credential(2));
        for _ in 0..2 {
            assert!(limits.before_authentication(Some(&here), Some(&one)).is_ok());
            limits.authentication_failed(Some(&here), Some(&one));
        }
        let RateLimited(refused) = limits.before_authentication(Some(&here), Some(&one)).unwrap_err();
        assert_eq!((refused.limit, refused.reset), (RateLimit::CredentialFailures, Duration::from_secs(30)));
        assert!(limits.before_authentication(Some(&here), Some(&other)).is_ok());
        wall.advance(Duration::from_secs(30));
        assert!(limits.before_authentication(Some(&here), Some(&one)).is_ok());
    }

    #[test]
    fn failures_with_many_credentials_stop_the_network_they_come_from() {
        let (limits, _) = limits(&[(RateLimit::AddressFailures, "3 per minute")]);
        let (here, there) = (client("192.0.2.1"), client("192.0.2.2"));
        for id in 0..3 {
            limits.authentication_failed(Some(&here), Some(&credential(id)));
        }
        assert!(limits.before_authentication(Some(&here), Some(&credential(9))).is_err());
        assert!(limits.before_authentication(Some(&there), Some(&credential(9))).is_ok());
    }

    #[test]
    fn the_senders_at_a_limit_are_named_without_figures_until_they_may_go_on() {
        let (limits, wall) = limits(&[(RateLimit::SenderTargets, "10 per minute")]);
        let (busy, quiet) = (SenderId::from_bytes([1; 16]), SenderId::from_bytes([2; 16]));
        let _ = (limits.targets_of(busy, 10), limits.targets_of(busy, 5), limits.targets_of(quiet, 10));
        let limited = LimitedSender { sender: busy, limit: RateLimit::SenderTargets };
        assert_eq!(limits.limited_senders(), [limited]);
        wall.advance(Duration::from_secs(30));
        assert_eq!(limits.limited_senders(), []);
    }

    #[test]
    fn a_network_at_a_limit_is_seen_by_the_limit_and_not_by_the_network() {
        let (limits, wall) = limits(&[(RateLimit::AddressSenders, "1 per minute")]);
        let here = client("192.0.2.1");
        let _ = (limits.admission(Some(&here)), limits.admission(Some(&here)));
        assert_eq!(limits.limited_networks(), [RateLimit::AddressSenders]);
        wall.advance(Duration::from_mins(1));
        assert_eq!(limits.limited_networks(), []);
    }

    #[test]
    fn other_quotas_hold_from_now_on() {
        let (limits, _) = limits(&[(RateLimit::AddressSenders, "1 per minute")]);
        let here = client("192.0.2.1");
        assert!(limits.admission(Some(&here)).is_ok() && limits.admission(Some(&here)).is_err());
        limits.replace(&Quotas::new());
        assert!(limits.admission(Some(&here)).is_ok() && limits.admission(Some(&here)).is_ok());
    }

    #[test]
    fn without_quotas_nothing_is_limited() {
        let (limits, _) = limits(&[]);
        let here = client("192.0.2.1");
        for _ in 0..1_000 {
            limits.authentication_failed(Some(&here), Some(&credential(1)));
            assert!(limits.before_authentication(Some(&here), Some(&credential(1))).is_ok());
            assert!(limits.target(SubscriptionId::from_bytes([1; 16])));
        }
    }
}

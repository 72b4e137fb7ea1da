//! One limiter for each limit, under one set of quotas.

use super::limiter::Limiter;
use super::steady_clock::SteadyClock;
use crate::model::{AppId, Quotas, RateLimit, SenderId, SubscriptionId};
use crate::privacy::ClientHash;

/// Keys that a limit of networks or senders remembers: about 20 MB at the very most.
const MOST_KEYS: usize = 200_000;
/// Subscriptions are many and soon forgotten: one notification is for a second or so.
const MOST_SUBSCRIPTIONS: usize = 1_000_000;

/// Every limiter.
#[derive(Debug)]
pub(super) struct Limiters {
    pub(super) sender_requests: Limiter<SenderId>,
    pub(super) sender_targets: Limiter<SenderId>,
    pub(super) sender_registrations: Limiter<SenderId>,
    pub(super) sender_changes: Limiter<SenderId>,
    pub(super) subscription_targets: Limiter<SubscriptionId>,
    pub(super) address_requests: Limiter<ClientHash>,
    pub(super) address_registrations: Limiter<ClientHash>,
    pub(super) app_registrations: Limiter<AppId>,
    pub(super) address_subscriptions: Limiter<ClientHash>,
    pub(super) address_senders: Limiter<ClientHash>,
    pub(super) address_confirmations: Limiter<ClientHash>,
    pub(super) address_failures: Limiter<ClientHash>,
    pub(super) credential_failures: Limiter<[u8; 16]>,
}

impl Limiters {
    /// Limiters of these quotas, which know of nobody.
    pub(super) fn new(quotas: &Quotas, clock: &SteadyClock) -> Self {
        use RateLimit::{
            AddressConfirmations, AddressFailures, AddressRegistrations, AddressRequests, AddressSenders,
            AddressSubscriptions, AppRegistrations, CredentialFailures, SenderChanges, SenderRegistrations,
            SenderRequests, SenderTargets, SubscriptionTargets,
        };
        let (many, most) = (MOST_KEYS, MOST_SUBSCRIPTIONS);
        Self {
            sender_requests: Limiter::new(SenderRequests, quotas, many, clock),
            sender_targets: Limiter::new(SenderTargets, quotas, many, clock),
            sender_registrations: Limiter::new(SenderRegistrations, quotas, many, clock),
            sender_changes: Limiter::new(SenderChanges, quotas, many, clock),
            subscription_targets: Limiter::new(SubscriptionTargets, quotas, most, clock),
            address_requests: Limiter::new(AddressRequests, quotas, many, clock),
            address_registrations: Limiter::new(AddressRegistrations, quotas, many, clock),
            app_registrations: Limiter::new(AppRegistrations, quotas, many, clock),
            address_subscriptions: Limiter::new(AddressSubscriptions, quotas, many, clock),
            address_senders: Limiter::new(AddressSenders, quotas, many, clock),
            address_confirmations: Limiter::new(AddressConfirmations, quotas, many, clock),
            address_failures: Limiter::new(AddressFailures, quotas, many, clock),
            credential_failures: Limiter::new(CredentialFailures, quotas, many, clock),
        }
    }

    /// The same under other quotas: what does not change is shared.
    pub(super) fn under(&self, quotas: &Quotas, clock: &SteadyClock) -> Self {
        Self {
            sender_requests: self.sender_requests.under(quotas, clock),
            sender_targets: self.sender_targets.under(quotas, clock),
            sender_registrations: self.sender_registrations.under(quotas, clock),
            sender_changes: self.sender_changes.under(quotas, clock),
            subscription_targets: self.subscription_targets.under(quotas, clock),
            address_requests: self.address_requests.under(quotas, clock),
            address_registrations: self.address_registrations.under(quotas, clock),
            app_registrations: self.app_registrations.under(quotas, clock),
            address_subscriptions: self.address_subscriptions.under(quotas, clock),
            address_senders: self.address_senders.under(quotas, clock),
            address_confirmations: self.address_confirmations.under(quotas, clock),
            address_failures: self.address_failures.under(quotas, clock),
            credential_failures: self.credential_failures.under(quotas, clock),
        }
    }

    /// Those that are for clients' networks.
    pub(super) fn of_clients(&self) -> [&Limiter<ClientHash>; 6] {
        [
            &self.address_requests,
            &self.address_registrations,
            &self.address_subscriptions,
            &self.address_senders,
            &self.address_confirmations,
            &self.address_failures,
        ]
    }

    /// Those that are for senders.
    pub(super) fn of_senders(&self) -> [&Limiter<SenderId>; 4] {
        [&self.sender_requests, &self.sender_targets, &self.sender_registrations, &self.sender_changes]
    }

    /// Forgets who has its whole quota; says how many are left for each limit.
    pub(super) fn forget_whole(&self) -> Vec<(RateLimit, usize)> {
        let mut left = vec![
            (RateLimit::SubscriptionTargets, self.subscription_targets.forget_whole()),
            (RateLimit::AppRegistrations, self.app_registrations.forget_whole()),
            (RateLimit::CredentialFailures, self.credential_failures.forget_whole()),
        ];
        left.extend(self.of_senders().map(|limiter| (limiter.limit(), limiter.forget_whole())));
        left.extend(self.of_clients().map(|limiter| (limiter.limit(), limiter.forget_whole())));
        left
    }
}

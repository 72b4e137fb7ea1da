//! How often something may be done: the limits that there are, and how much each allows.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

/// What is limited, and for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RateLimit {
    /// Requests of one sender.
    SenderRequests,
    /// Targets of one sender's notifications.
    SenderTargets,
    /// Sealed registrations that one sender hands on.
    SenderRegistrations,
    /// Changes of one sender by itself that the audit log keeps.
    SenderChanges,
    /// Notifications to one subscription.
    SubscriptionTargets,
    /// Requests from one client's network, senders' not counted.
    AddressRequests,
    /// Registrations from one client's network.
    AddressRegistrations,
    /// Registrations of one app.
    AppRegistrations,
    /// Subscriptions that apps make from one client's network.
    AddressSubscriptions,
    /// Senders admitted from one client's network.
    AddressSenders,
    /// Confirmations of registrations from one client's network.
    AddressConfirmations,
    /// Failed authentications from one client's network.
    AddressFailures,
    /// Failed authentications with one credential's id.
    CredentialFailures,
}

impl RateLimit {
    /// Every limit.
    pub const ALL: [Self; 13] = [
        Self::SenderRequests,
        Self::SenderTargets,
        Self::SenderRegistrations,
        Self::SenderChanges,
        Self::SubscriptionTargets,
        Self::AddressRequests,
        Self::AddressRegistrations,
        Self::AppRegistrations,
        Self::AddressSubscriptions,
        Self::AddressSenders,
        Self::AddressConfirmations,
        Self::AddressFailures,
        Self::CredentialFailures,
    ];

    /// The name in the config, in headers and in metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SenderRequests => "sender_requests",
            Self::SenderTargets => "sender_targets",
            Self::SenderRegistrations => "sender_registrations",
            Self::SenderChanges => "sender_changes",
            Self::SubscriptionTargets => "subscription_targets",
            Self::AddressRequests => "address_requests",
            Self::AddressRegistrations => "address_registrations",
            Self::AppRegistrations => "app_registrations",
            Self::AddressSubscriptions => "address_subscriptions",
            Self::AddressSenders => "address_senders",
            Self::AddressConfirmations => "address_confirmations",
            Self::AddressFailures => "address_failures",
            Self::CredentialFailures => "credential_failures",
        }
    }
}

/// So much in so long: `amount` may come at once, and grows back evenly within `per`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// How much.
    pub amount: NonZeroU32,
    /// In how long.
    pub per: Duration,
}

/// The text is no quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a quota is such as \"600 per minute\": a number from 1, and second, minute, hour or day")]
pub struct QuotaError;

const UNITS: [(&str, u64); 4] = [("second", 1), ("minute", 60), ("hour", 3_600), ("day", 86_400)];

impl FromStr for Quota {
    type Err = QuotaError;

    fn from_str(text: &str) -> Result<Self, QuotaError> {
        let (amount, unit) = text.split_once(" per ").ok_or(QuotaError)?;
        let (_, seconds) = UNITS.into_iter().find(|(name, _)| *name == unit).ok_or(QuotaError)?;
        // `parse` takes a sign too.
        let digits = amount.bytes().all(|b| b.is_ascii_digit());
        let amount = amount.parse().ok().filter(|_| digits).ok_or(QuotaError)?;
        Ok(Self { amount, per: Duration::from_secs(seconds) })
    }
}

impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = UNITS.into_iter().find(|(_, seconds)| *seconds == self.per.as_secs());
        match unit {
            Some((name, _)) => write!(f, "{} per {name}", self.amount),
            None => write!(f, "{} per {} seconds", self.amount, self.per.as_secs()),
        }
    }
}

/// What each limit allows; one that is not there is switched off.
pub type Quotas = BTreeMap<RateLimit, Quota>;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_quota_is_written_as_it_is_read() {
        for text in ["1 per second", "600 per minute", "4294967295 per hour", "10 per day"] {
            assert_eq!(text.parse::<Quota>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_says_no_amount_or_no_time_is_no_quota() {
        for text in
            ["", "600", "0 per minute", "-1 per minute", "+1 per minute", "1 per week", "1 per  day", "off"]
        {
            assert_eq!(text.parse::<Quota>(), Err(QuotaError), "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_reads_as_a_quota_is_written_the_same(text in "[0-9+ -]{0,12}( per )?(second|minute|hour|day|.{0,8})") {
            if let Ok(quota) = text.parse::<Quota>() {
                // But for zeros in front.
                prop_assert_eq!(quota.to_string().parse::<Quota>(), Ok(quota));
            }
        }
    }
}

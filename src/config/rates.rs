//! `[limits.rates]`: how often something may be done, so that no one can use up what all share.
//!
//! The defaults are far above what an honest server or app needs: they stop loops and floods. A chat server for
//! 1,000 people that tells two devices of each of them about every message sends 2,000 targets at a time, and may
//! do so once a second for ever; it may use one request for each target. A campus behind one IPv4 address may
//! register 600 phones an hour. Failed authentications are few where nothing is broken.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

use super::ConfigError;
use super::source::Source;
use crate::model::{Quotas, RateLimit};

/// Switches a limit off.
const OFF: &str = "off";

/// Each limit with its default, and what it is for.
const DEFAULTS: [(RateLimit, &str, &str); 13] = [
    (RateLimit::SenderRequests, "120000 per minute", "Requests of one sender."),
    (
        RateLimit::SenderTargets,
        "120000 per minute",
        "Targets of one sender's notifications, over all its requests.",
    ),
    (
        RateLimit::SenderRegistrations,
        "12000 per hour",
        "Sealed registrations that one sender hands on; changes of policy, sharing and credentials, which the audit log keeps.",
    ),
    (RateLimit::SenderChanges, "120 per hour", ""),
    (RateLimit::SubscriptionTargets, "3600 per hour", "Notifications to one subscription."),
    (RateLimit::AddressRequests, "1200 per minute", "Requests of apps and strangers from one address."),
    (
        RateLimit::AddressRegistrations,
        "600 per hour",
        "Device tokens registered or replaced from one address, and under one app; subscriptions from one address.",
    ),
    (RateLimit::AppRegistrations, "300000 per hour", ""),
    (RateLimit::AddressSubscriptions, "1800 per hour", ""),
    (
        RateLimit::AddressSenders,
        "10 per hour",
        "Senders admitted, and registrations confirmed, from one address.",
    ),
    (RateLimit::AddressConfirmations, "600 per hour", ""),
    (
        RateLimit::AddressFailures,
        "120 per minute",
        "Failed authentications from one address, and with one credential.",
    ),
    (RateLimit::CredentialFailures, "10 per minute", ""),
];

/// `[limits.rates]` as written.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct RatesText(BTreeMap<String, String>);

impl RatesText {
    /// The quota of each limit that is not switched off. `targets` is the most that one notification has.
    pub(super) fn check(&self, source: &Source<'_>, targets: usize) -> Result<Quotas, ConfigError> {
        let known = |name: &String| RateLimit::ALL.iter().any(|limit| limit.as_str() == name);
        if let Some(unknown) = self.0.keys().find(|name| !known(name)) {
            let names: Vec<_> = RateLimit::ALL.iter().map(|limit| limit.as_str()).collect();
            let problem = format!("is no limit; there are {}", names.join(", "));
            return Err(source.refuse(&format!("limits.rates.{unknown}"), problem));
        }
        let mut quotas = Quotas::new();
        for (limit, default, _) in DEFAULTS {
            let name = limit.as_str();
            let text = self.0.get(name).map_or(default, String::as_str);
            if text == OFF {
                continue;
            }
            let refuse = |problem: String| source.refuse(&format!("limits.rates.{name}"), problem);
            let quota: crate::model::Quota =
                text.parse().map_err(|error| refuse(format!("is `{text}`; {error}, or \"off\"")))?;
            if limit == RateLimit::SenderTargets && (quota.amount.get() as usize) < targets {
                let problem =
                    format!("is `{text}`, less than one notification may have (limits.targets = {targets})");
                return Err(refuse(problem));
            }
            quotas.insert(limit, quota);
        }
        Ok(quotas)
    }

    /// The section of the example, with every default commented out.
    pub(super) fn example() -> String {
        let mut text = String::from(
            "\
# How often: so much may come at once, and grows back evenly. \"off\" switches a limit off. An address is an IPv4
# address or the /64 of an IPv6 one; it is known by a hash whose key changes daily. All optional.
[limits.rates]
",
        );
        for (limit, default, comment) in DEFAULTS {
            if !comment.is_empty() {
                let _ = writeln!(text, "# {comment}");
            }
            let _ = writeln!(text, "# {} = \"{default}\"", limit.as_str());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_has_a_default() {
        assert_eq!(DEFAULTS.map(|(limit, _, _)| limit), RateLimit::ALL);
    }
}

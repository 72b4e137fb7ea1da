//! How limits stand, in the header fields `RateLimit-Policy` and `RateLimit`
//! (draft-ietf-httpapi-ratelimit-headers-10; lists of structured fields, RFC 9651).

use std::fmt::Write as _;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::intake::Standing;
use crate::model::RateLimit;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STANDING: HeaderName = HeaderName::from_static("ratelimit");

/// Writes both fields, if there is anything to say.
pub fn show_rate_limits(headers: &mut HeaderMap, standings: &[Standing]) {
    let (mut policy, mut standing) = (String::new(), String::new());
    for one in standings {
        let (name, quota) = (one.limit.as_str(), one.quota);
        let separator = if policy.is_empty() { "" } else { ", " };
        // Writing to a String cannot fail.
        let _ = write!(policy, "{separator}\"{name}\";q={};w={}", quota.amount, quota.per.as_secs());
        if one.limit == RateLimit::SenderTargets {
            policy.push_str(";qu=\"targets\"");
        }
        let _ = write!(standing, "{separator}\"{name}\";r={};t={}", one.remaining, whole_seconds(one));
    }
    for (field, value) in [(POLICY, policy), (STANDING, standing)] {
        if let Ok(value) = HeaderValue::try_from(value)
            && !value.is_empty()
        {
            headers.insert(field, value);
        }
    }
}

/// The seconds until the standing's reset, rounded up: who comes back then is not too early.
pub(super) fn whole_seconds(standing: &Standing) -> u32 {
    u32::try_from(standing.reset.as_nanos().div_ceil(1_000_000_000)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_fields_are_lists_of_named_policies() {
        let of = |limit, quota: &str, remaining, millis| Standing {
            limit,
            quota: quota.parse().unwrap(),
            remaining,
            reset: Duration::from_millis(millis),
        };
        let mut headers = HeaderMap::new();
        show_rate_limits(
            &mut headers,
            &[
                of(RateLimit::SenderRequests, "100 per second", 99, 10),
                of(RateLimit::SenderTargets, "600 per minute", 0, 60_000),
            ],
        );
        let policy = "\"sender_requests\";q=100;w=1, \"sender_targets\";q=600;w=60;qu=\"targets\"";
        assert_eq!(headers["ratelimit-policy"], policy);
        assert_eq!(headers["ratelimit"], "\"sender_requests\";r=99;t=1, \"sender_targets\";r=0;t=60");
    }

    #[test]
    fn limits_that_are_switched_off_are_not_shown() {
        let mut headers = HeaderMap::new();
        show_rate_limits(&mut headers, &[]);
        assert!(headers.is_empty());
    }
}

//! How long something that authorises shall count: an invite, a credential, an operator's token.

use std::str::FromStr;
use std::time::Duration;

/// One minute to ten years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lifetime(Duration);

/// Why a text or a number is no lifetime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LifetimeError {
    /// Shorter or longer than allowed.
    #[error("a lifetime is 60 seconds to 315360000 (ten years)")]
    Range,
    /// Not a number with a unit.
    #[error("a lifetime is a number with a unit: 30m, 12h or 7d")]
    Form,
}

impl Lifetime {
    /// A week.
    pub const WEEK: Self = Self(Duration::from_hours(7 * 24));

    /// The lifetime of so many seconds.
    pub fn from_seconds(seconds: u64) -> Result<Self, LifetimeError> {
        let range = 60..=10 * 365 * 86_400;
        if range.contains(&seconds) {
            Ok(Self(Duration::from_secs(seconds)))
        } else {
            Err(LifetimeError::Range)
        }
    }

    /// As a duration.
    #[must_use]
    pub fn duration(self) -> Duration {
        self.0
    }

    /// In whole seconds.
    #[must_use]
    pub fn seconds(self) -> u64 {
        self.0.as_secs()
    }
}

impl FromStr for Lifetime {
    type Err = LifetimeError;

    fn from_str(text: &str) -> Result<Self, LifetimeError> {
        let unit = text.chars().next_back().ok_or(LifetimeError::Form)?;
        let seconds = match unit {
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return Err(LifetimeError::Form),
        };
        let number = &text[..text.len() - 1];
        // A sign is no digit.
        if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
            return Err(LifetimeError::Form);
        }
        let number: u64 = number.parse().map_err(|_| LifetimeError::Range)?;
        Self::from_seconds(number.checked_mul(seconds).ok_or(LifetimeError::Range)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_a_number_with_a_unit() {
        for (text, seconds) in
            [("1m", 60), ("90m", 5_400), ("12h", 43_200), ("7d", 604_800), ("3650d", 315_360_000)]
        {
            assert_eq!(text.parse::<Lifetime>().map(Lifetime::seconds), Ok(seconds), "{text}");
        }
        assert_eq!("7d".parse(), Ok(Lifetime::WEEK));
    }

    #[test]
    fn what_is_no_lifetime_is_refused() {
        for text in ["", "d", "7", "-1d", "+1d", "1.5h", "1w", "7 d", "7dä", "ä"] {
            assert_eq!(text.parse::<Lifetime>(), Err(LifetimeError::Form), "{text}");
        }
        for text in ["0d", "3651d", "99999999999999999999d", "18446744073709551615d"] {
            assert_eq!(text.parse::<Lifetime>(), Err(LifetimeError::Range), "{text}");
        }
    }
}

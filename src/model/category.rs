//! The categories of usage that a sender's administrator may share, and the words that it agrees to.
//!
//! Must not change a wording without the next version of it: who agreed to other words did not agree to these.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::UnknownName;

/// What may be shared. Each is off until the sender's administrator switches it on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// How many deliveries ended, by day, push service and outcome.
    Volume,
    /// How many subscriptions are in use, by day.
    Devices,
    /// Name and version of the server's software.
    Software,
    /// An address for incidents.
    Contact,
}

/// What an administrator agrees to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wording {
    /// Counts up with each change of the text.
    pub version: u32,
    /// What is stored, who reads it, and when it is erased.
    pub text: &'static str,
}

impl Category {
    /// Every category.
    pub const ALL: [Self; 4] = [Self::Volume, Self::Devices, Self::Software, Self::Contact];

    /// The name in the API and the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Volume => "volume",
            Self::Devices => "devices",
            Self::Software => "software",
            Self::Contact => "contact",
        }
    }

    /// The words of today.
    #[must_use]
    pub fn wording(self) -> Wording {
        match self {
            Self::Volume => Wording {
                version: 1,
                text: "The relay counts, by UTC day, push service and outcome, how many deliveries of this sender \
                       ended. A count is written only when at least `least_devices` devices are behind it; until then \
                       it stays in memory, and is dropped when the day is over. No device, subscription, notification, \
                       user or time of day is written. You can read the counts, and the relay's operator can when \
                       the day is over. They are erased after `kept_days` days, and at once when you switch this off.",
            },
            Self::Devices => Wording {
                version: 1,
                text: "Once a day the relay counts the subscriptions of this sender through which a push service has \
                       accepted a notification, and writes that number, rounded down to a multiple of `least_devices`; \
                       where it is smaller than that, nothing. You can read it, and the relay's operator can when the \
                       day is over. It is erased after `kept_days` days, and at once when you switch this off.",
            },
            Self::Software => Wording {
                version: 1,
                text: "The relay keeps the first product that the User-Agent header of this sender's notifications \
                       names: a name and a version such as `examplechat/4.2`, the newest alone, and the day on which \
                       it was last seen. You and the relay's operator can read it. It is erased `kept_days` days after \
                       that day, and at once when you switch this off.",
            },
            Self::Contact => Wording {
                version: 1,
                text: "The relay keeps the e-mail address that you give. The relay's operator writes to it about \
                       incidents and for nothing else; best it is a role's, not a person's. You and the operator can \
                       read it. It is erased at once when you switch this off.",
            },
        }
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Category {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|category| category.as_str() == text).ok_or(UnknownName)
    }
}

/// A set of categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Categories(u8);

impl Categories {
    /// Whether `category` is in the set.
    #[must_use]
    pub fn contains(self, category: Category) -> bool {
        self.0 & category.bit() != 0
    }

    /// Whether nothing is in the set.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<Category> for Categories {
    fn from_iter<I: IntoIterator<Item = Category>>(categories: I) -> Self {
        Self(categories.into_iter().fold(0, |bits, category| bits | category.bit()))
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    /// The words that each version stands for: who changes one gives it the next version, and its line here.
    const AGREED: [(Category, u32, &str); 4] = [
        (Category::Volume, 1, "1382fdc52fdcd036"),
        (Category::Devices, 1, "eb1cd03573f275d8"),
        (Category::Software, 1, "a25efe927ca72dac"),
        (Category::Contact, 1, "f11082cd135319ba"),
    ];

    #[test]
    fn other_words_have_another_version() {
        for (category, version, hash) in AGREED {
            let wording = category.wording();
            let words = hex::encode(Sha256::digest(wording.text));
            assert_eq!((wording.version, &words[..16]), (version, hash), "{category}: {}", wording.text);
        }
    }

    #[test]
    fn a_set_has_what_was_put_in() {
        let set: Categories = [Category::Volume, Category::Contact].into_iter().collect();
        let has = Category::ALL.map(|category| set.contains(category));
        assert_eq!(has, [true, false, false, true]);
        assert!(Categories::default().is_empty() && !set.is_empty());
    }
}

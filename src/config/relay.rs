//! `[relay]`: what the relay says of itself at `GET /v1/relay`, and the operator's content policy.

use serde::Deserialize;

use super::source::Source;
use super::{ConfigError, url};
use crate::model::ContentPolicy;

/// What the relay says of itself. Public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayFacts {
    /// Its name, 1 to 80 bytes.
    pub name: String,
    /// The HTTPS address at which senders and apps reach it, without a trailing slash.
    pub public_url: Option<String>,
    /// How to reach the operator: an e-mail address or a page.
    pub contact: String,
    /// Where it runs: two letters of ISO 3166-1.
    pub country: Option<String>,
    /// The operator's terms.
    pub terms_url: Option<String>,
    /// The operator's privacy notice.
    pub privacy_url: Option<String>,
    /// Where the source of what runs is.
    pub source_url: Option<String>,
    /// The loosest treatment of content that the operator allows.
    pub content_policy: ContentPolicy,
}

/// `[relay]` as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RelayText {
    name: String,
    public_url: Option<String>,
    contact: String,
    country: Option<String>,
    terms_url: Option<String>,
    privacy_url: Option<String>,
    source_url: Option<String>,
    #[serde(default = "default_policy")]
    content_policy: ContentPolicy,
}

fn default_policy() -> ContentPolicy {
    ContentPolicy::SealOrOmit
}

impl RelayText {
    /// Checks each value.
    pub(super) fn check(self, source: &Source<'_>) -> Result<RelayFacts, ConfigError> {
        let short = |key: &str, text: String, most: usize| {
            let fits = (1..=most).contains(&text.len()) && !text.chars().any(char::is_control);
            if fits {
                Ok(text)
            } else {
                Err(source
                    .refuse(key, format!("must be 1 to {most} bytes of text without control characters")))
            }
        };
        let address = |key: &str, text: Option<String>| {
            text.map(|text| url::https(&text).map_err(|problem| source.refuse(key, problem))).transpose()
        };
        let country = self.country.map(|text| {
            // ISO 3166-1 alpha-2.
            if text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase()) {
                Ok(text)
            } else {
                Err(source
                    .refuse("relay.country", "must be two capital letters, such as \"DE\" (ISO 3166-1)"))
            }
        });
        Ok(RelayFacts {
            name: short("relay.name", self.name, 80)?,
            public_url: address("relay.public_url", self.public_url)?,
            contact: short("relay.contact", self.contact, 200)?,
            country: country.transpose()?,
            terms_url: address("relay.terms_url", self.terms_url)?,
            privacy_url: address("relay.privacy_url", self.privacy_url)?,
            source_url: address("relay.source_url", self.source_url)?,
            content_policy: self.content_policy,
        })
    }
}

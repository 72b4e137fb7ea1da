//! What a test or a demonstration wants to go otherwise.
//!
//! Owns the vocabulary of scripted answers and faults; `script` decides when a rule takes effect.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::fcm::failure::FcmFailure;
use crate::fcm::oauth_failure::OauthFailure;

/// One scripted answer or fault. Rules are tried in the order in which they came in.
///
/// As JSON: `{"target": {"device": "…"}, "effect": {"apns_refusal": {"status": 410, "reason": "Unregistered",
/// "timestamp": 1700000000000}}, "times": 1}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Which requests it is about.
    pub target: RuleTarget,
    /// What happens to them.
    pub effect: Effect,
    /// To how many requests; absent: to all until the script is cleared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
}

/// Which requests a rule is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleTarget {
    /// Every request to every host.
    Everything,
    /// Every request to either APNs host.
    Apns,
    /// Every request to the FCM send API.
    Fcm,
    /// Every request to the OAuth token endpoint.
    TokenEndpoint,
    /// Pushes to one device token.
    Device(String),
    /// APNs pushes to one topic, or to any topic of one bundle id.
    Topic(String),
    /// FCM sends of one Firebase project.
    Project(String),
}

/// What happens to a request.
///
/// The first four are answers: they replace the answer to a *valid* request, which then is not delivered to the device; an
/// invalid request is told its own fault, so that no script hides a mistake. The faults of the connection
/// come before any check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// Any answer, garbage included.
    Answer {
        /// HTTP status.
        status: u16,
        /// Headers; nothing is added to them but `content-length`.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// The body as it is.
        #[serde(default)]
        body: String,
    },
    /// A refusal in the shape of APNs.
    ApnsRefusal {
        /// HTTP status.
        status: u16,
        /// The `reason` member.
        reason: String,
        /// The `timestamp` member, unix milliseconds; Apple sends one only with 410.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        timestamp: Option<u64>,
    },
    /// A failure in the shape of FCM.
    FcmFailure {
        /// Which one.
        failure: FcmFailure,
        /// A `Retry-After` header: seconds or an HTTP date.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<String>,
    },
    /// A failure in the shape of the token endpoint.
    OauthFailure {
        /// Which one.
        failure: OauthFailure,
        /// A `Retry-After` header: seconds or an HTTP date.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<String>,
    },
    /// The answer comes late; the request is handled at once, and later rules still apply.
    Delay {
        /// How late: milliseconds.
        millis: u64,
    },
    /// The request is recorded and never answered; the device does not get it.
    Silence,
    /// A new connection gets bytes that are no TLS, and ends; connections that are open stay. For a target that is a
    /// host, or everything: what else it is about is not known yet.
    BreakHandshake,
    /// The connection breaks before anything was recorded or delivered.
    BreakBefore,
    /// The request is handled, recorded and delivered, then the connection breaks: the answer is lost.
    BreakAfter,
    /// HTTP/2: the stream is reset with `REFUSED_STREAM`, nothing is recorded. HTTP/1.1: the connection
    /// breaks.
    RefuseStream,
    /// The connection says goodbye (HTTP/2: GOAWAY; HTTP/1.1: `connection: close`), finishes what it has, and
    /// closes.
    GoAway {
        /// The `reason` of the GOAWAY's debug data, as Apple's has one; absent: no debug data.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Whether this request is still handled; otherwise it lies above the GOAWAY's last stream id and is
        /// not recorded.
        answered: bool,
    },
}

impl Rule {
    /// A rule that holds until the script is cleared.
    #[must_use]
    pub fn new(target: RuleTarget, effect: Effect) -> Self {
        Self { target, effect, times: None }
    }

    /// The same rule for the next `times` requests only.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }
}

impl Effect {
    /// An APNs refusal without a timestamp.
    #[must_use]
    pub fn apns(status: u16, reason: &str) -> Self {
        Self::ApnsRefusal { status, reason: reason.to_owned(), timestamp: None }
    }

    /// An FCM failure without `Retry-After`.
    #[must_use]
    pub fn fcm(failure: FcmFailure) -> Self {
        Self::FcmFailure { failure, retry_after: None }
    }

    /// A failure of the token endpoint without `Retry-After`.
    #[must_use]
    pub fn oauth(failure: OauthFailure) -> Self {
        Self::OauthFailure { failure, retry_after: None }
    }

    /// The same effect with a `Retry-After` header, in seconds or as an HTTP date; for failures of Google's
    /// hosts, as Apple documents none. Give APNs' answers one with [`Effect::Answer`].
    ///
    /// # Panics
    /// For an effect that is no failure of Google's hosts: the test is wrong then.
    #[must_use]
    pub fn retry_after(mut self, value: &str) -> Self {
        match &mut self {
            Self::FcmFailure { retry_after, .. } | Self::OauthFailure { retry_after, .. } => {
                *retry_after = Some(value.to_owned());
            }
            other => panic!("{other:?} has no Retry-After"),
        }
        self
    }

    /// An answer without headers.
    #[must_use]
    pub fn answer(status: u16, body: &str) -> Self {
        Self::Answer { status, headers: BTreeMap::new(), body: body.to_owned() }
    }
}

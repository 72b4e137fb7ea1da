//! The body of `POST /v1/notifications`, and how it becomes a submission.

use std::borrow::Cow;
use std::collections::HashSet;
use std::str::FromStr;

use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::ApiLimits;
use crate::intake::{AuthenticatedSender, Submission, SubmittedContent, SubmittedTarget};
use crate::model::{Badge, DeliveryOptions, Kind, NotificationId, OptionError, SubscriptionId, Ttl, Urgency};
use crate::privacy::{ContentError, ReadableContent};
use crate::web::Problem;

// Text is borrowed from the body: envelopes are large and many.
/// One notification for one or many targets.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewNotification)]
pub(super) struct NotificationRequest<'a> {
    /// A v7 UUID, new for each notification.
    #[serde(borrow)]
    #[schema(value_type = String, format = Uuid)]
    id: Cow<'a, str>,
    /// `high` where it is left out, `normal` for `background`.
    urgency: Option<Urgency>,
    /// Seconds; 86400 where it is left out. 0 is tried once.
    #[schema(maximum = 2_419_200)]
    ttl: Option<u64>,
    /// 1 to 64 bytes; the push service sees a keyed hash of it.
    #[schema(min_length = 1, max_length = 64)]
    collapse_key: Option<String>,
    /// What the device shall do.
    #[serde(default)]
    kind: Kind,
    /// Whether the answer waits for outcomes; true where it is left out.
    #[serde(default = "yes")]
    wait: bool,
    /// Each subscription once.
    #[serde(borrow)]
    #[schema(min_items = 1, max_items = 1000)]
    targets: Vec<TargetRequest<'a>>,
    /// For the targets without an envelope; needs a content policy that allows it.
    #[serde(borrow)]
    #[schema(value_type = Option<ContentShape>)]
    content: Option<&'a RawValue>,
}

/// One target.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Target)]
struct TargetRequest<'a> {
    /// A subscription of this sender's.
    #[serde(borrow)]
    #[schema(value_type = String, format = Uuid)]
    subscription: Cow<'a, str>,
    /// An envelope sealed for this subscription, in base64url.
    #[schema(value_type = Option<String>)]
    envelope: Option<Cow<'a, str>>,
    /// 1 to 64 random bytes that the push service sees; not beside an envelope.
    #[schema(min_length = 1, max_length = 64)]
    reference: Option<String>,
    /// The number on the app's icon, where the app's config allows it.
    #[schema(format = Int64, maximum = 4_294_967_295_u64)]
    badge: Option<u32>,
    /// 1 to 64 bytes, where the app's config allows it.
    #[schema(min_length = 1, max_length = 64)]
    sound: Option<String>,
}

/// Readable content as the description shows it: the text itself is read by `privacy` alone.
#[derive(ToSchema)]
#[schema(as = Content)]
#[expect(dead_code, reason = "it describes, and holds nothing")]
struct ContentShape {
    /// What it is about.
    title: String,
    /// What it says.
    body: String,
    /// Anything that the app needs besides.
    #[schema(nullable = false)]
    data: Option<serde_json::Map<String, serde_json::Value>>,
}

fn yes() -> bool {
    true
}

impl NotificationRequest<'_> {
    /// Checks every member. `body_hash` is that of the bytes it was read from.
    pub(super) fn into_submission(
        self,
        sender: AuthenticatedSender,
        body_hash: [u8; 32],
        limits: ApiLimits,
    ) -> Result<Submission, Problem> {
        let id = NotificationId::parse_version(&self.id, 7)
            .map_err(|error| Problem::invalid("invalid_id", "/id", format!("{error}.")))?;
        let ttl = self.ttl.map_or(Ok(Ttl::default()), Ttl::from_seconds);
        let options = DeliveryOptions {
            kind: self.kind,
            urgency: self.urgency.unwrap_or(self.kind.default_urgency()),
            ttl: ttl.map_err(|error| Problem::invalid("ttl_out_of_range", "/ttl", format!("{error}.")))?,
        };
        let targets = targets(self.targets, limits.targets)?;
        let content = self.content.map(|raw| ReadableContent::parse(raw.get())).transpose();
        Ok(Submission {
            sender,
            id,
            body_hash,
            options,
            wait: self.wait,
            collapse_key: option(self.collapse_key.as_deref(), || "/collapse_key".to_owned())?,
            content: content.map_err(content_problem)?,
            targets,
        })
    }
}

fn targets(requests: Vec<TargetRequest<'_>>, most: usize) -> Result<Vec<SubmittedTarget>, Problem> {
    if requests.is_empty() || requests.len() > most {
        let detail = format!("A notification has 1 to {most} targets; this one has {}.", requests.len());
        return Err(Problem::invalid("target_count", "/targets", detail));
    }
    let (mut subscriptions, mut deliveries) =
        (HashSet::with_capacity(requests.len()), HashSet::with_capacity(requests.len()));
    requests
        .into_iter()
        .enumerate()
        .map(|(index, request)| {
            let target = target(request, index)?;
            if !subscriptions.insert(target.subscription) {
                let detail = "This subscription is a target twice; a notification reaches each once.";
                return Err(Problem::invalid("duplicate_target", at(index, "subscription"), detail));
            }
            if let SubmittedContent::Envelope(envelope) = &target.content
                && !deliveries.insert(*envelope.delivery_id().as_bytes())
            {
                let detail = "Two envelopes have one delivery id; draw 16 random bytes for each.";
                return Err(Problem::invalid("duplicate_delivery_id", at(index, "envelope"), detail));
            }
            Ok(target)
        })
        .collect()
}

fn target(request: TargetRequest<'_>, index: usize) -> Result<SubmittedTarget, Problem> {
    let subscription: SubscriptionId = request
        .subscription
        .parse()
        .map_err(|error| Problem::invalid("invalid_id", at(index, "subscription"), format!("{error}.")))?;
    let reference = option(request.reference.as_deref(), || at(index, "reference"))?;
    let content = match request.envelope {
        Some(_) if reference.is_some() => {
            let detail =
                "A reference beside an envelope would be seen by the push service for nothing: seal it in.";
            return Err(Problem::invalid("reference_beside_envelope", at(index, "reference"), detail));
        }
        Some(envelope) => {
            SubmittedContent::Envelope(sealpush_seal::Envelope::from_base64url(&envelope).map_err(
                |error| Problem::invalid("invalid_envelope", at(index, "envelope"), format!("{error}.")),
            )?)
        }
        None => SubmittedContent::Free { reference },
    };
    Ok(SubmittedTarget {
        subscription,
        content,
        badge: request.badge.map(Badge),
        sound: option(request.sound.as_deref(), || at(index, "sound"))?,
    })
}

fn at(index: usize, member: &str) -> String {
    format!("/targets/{index}/{member}")
}

/// An optional member with rules of its own.
fn option<T: FromStr<Err = OptionError>>(
    text: Option<&str>,
    pointer: impl Fn() -> String,
) -> Result<Option<T>, Problem> {
    text.map(str::parse)
        .transpose()
        .map_err(|error| Problem::invalid("invalid_option", pointer(), format!("{error}.")))
}

fn content_problem(error: ContentError) -> Problem {
    let code = match error {
        ContentError::Form | ContentError::DataNotAnObject => "invalid_content",
        ContentError::TooLarge(_) => "content_too_large",
    };
    Problem::invalid(code, "/content", format!("{error}."))
}

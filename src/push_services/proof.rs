//! Whether a push service takes a credential, asked on purpose: for `sealpush check`.
//!
//! A push to a device token that no device has, so that nobody gets anything: a push service looks at the
//! credential first, and whoever is told that the token is wrong has been believed.

use std::time::Duration;

use super::PushServices;
use crate::model::{
    AppId, AttemptOutcome, DeliveryId, DeviceToken, Environment, Kind, OutboundPush, Payload, PushService,
    Reason, TokenKind, Urgency,
};

/// A form that fits, and no device.
const NOBODY_AT_APPLE: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const NOBODY_AT_GOOGLE: &str = "sealpush-check";
/// How long such a push may be under way.
const LIFE: Duration = Duration::from_mins(1);

/// What a push service says of a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// It takes the credential.
    Taken,
    /// It refuses the credential, or the app behind it.
    Refused(Reason),
    /// It said nothing about the credential.
    Unclear(Reason),
}

impl PushServices {
    /// Asks the push service whether it takes this app's credential; `environment` is for APNs.
    pub async fn prove(
        &self,
        app: &AppId,
        push_service: PushService,
        environment: Option<Environment>,
    ) -> Proof {
        let ways = self.now.get();
        let device_token = nobody(push_service);
        let end = ways.tools.clock.now().plus(LIFE);
        let push = OutboundPush {
            app,
            environment,
            token_kind: TokenKind::Standard,
            device_token: &device_token,
            confirmed: false,
            on_trial: false,
            delivery: DeliveryId::from_bytes(ways.tools.entropy.bytes()),
            payload: &Payload::Omitted { reference: None },
            kind: Kind::Alert,
            urgency: Urgency::Normal,
            deadline: end,
            now_or_never: true,
            end,
            collapse: None,
            badge: None,
            sound: None,
        };
        let outcome = match push_service {
            PushService::Apns => ways.apns.push(&push, &ways.tools).await,
            PushService::Fcm => ways.fcm.validate(&push, &ways.tools).await,
        };
        match outcome {
            AttemptOutcome::Accepted
            | AttemptOutcome::TokenDead { .. }
            | AttemptOutcome::TokenNotForApp { .. } => Proof::Taken,
            // FCM's word for a token without the form of one; whom it does not believe hears another.
            AttemptOutcome::Rejected { reason } if reason.as_str() == "INVALID_ARGUMENT" => Proof::Taken,
            AttemptOutcome::AppHeld { reason } => Proof::Refused(reason),
            AttemptOutcome::Rejected { reason }
            | AttemptOutcome::TryLater { reason, .. }
            | AttemptOutcome::NotAttempted { reason, .. }
            | AttemptOutcome::NotProcessed { reason, .. }
            | AttemptOutcome::AnswerLost { reason, .. } => Proof::Unclear(reason),
        }
    }
}

/// A device token of the right form, and of no device.
fn nobody(push_service: PushService) -> DeviceToken {
    let text = match push_service {
        PushService::Apns => NOBODY_AT_APPLE,
        PushService::Fcm => NOBODY_AT_GOOGLE,
    };
    DeviceToken::parse(push_service, text).expect("the tokens of nobody have the right form")
}

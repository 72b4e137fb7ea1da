//! An app's credential, by what its push service says of it.

use super::{Area, Finding};
use crate::config::AppConfig;
use crate::model::{Environment, PushService};
use crate::push_services::{Hop, Proof};

/// One credential at one push service.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) app: &'a AppConfig,
    pub(super) push_service: PushService,
    pub(super) environment: Option<Environment>,
}

impl Asked<'_> {
    /// Every credential of an app.
    pub(super) fn of(app: &AppConfig) -> Vec<Asked<'_>> {
        let environments = app.apns.iter().flat_map(|apns| &apns.environments);
        let apns = environments.map(|environment| Asked {
            app,
            push_service: PushService::Apns,
            environment: Some(*environment),
        });
        let fcm = app.fcm.iter().map(|_| Asked { app, push_service: PushService::Fcm, environment: None });
        apns.chain(fcm).collect()
    }

    /// What findings call it.
    pub(super) fn name(&self) -> String {
        let id = &self.app.app.id;
        match (self.push_service, self.environment) {
            (PushService::Apns, Some(environment)) => {
                format!("app {id} at APNs ({})", environment.as_str())
            }
            (PushService::Apns, None) => format!("app {id} at APNs"),
            (PushService::Fcm, _) => format!("app {id} at FCM"),
        }
    }

    /// What identifies the credential, without its secret.
    fn identity(&self) -> String {
        match (self.push_service, &self.app.apns, &self.app.fcm) {
            (PushService::Apns, Some(apns), _) => format!("key {} of team {}", apns.key_id, apns.team_id),
            (PushService::Fcm, _, Some(fcm)) => {
                format!("{} for project {}", fcm.client_email, fcm.project_id)
            }
            _ => String::new(),
        }
    }

    /// What its push service says of it.
    pub(super) fn finding(&self, proof: &Proof) -> Finding {
        let (subject, identity) = (self.name(), self.identity());
        match proof {
            Proof::Taken => Finding::fine(Area::Credential, subject, format!("is taken: {identity}")),
            Proof::Refused(reason) => {
                Finding::failed(Area::Credential, subject, format!("is refused with {reason}: {identity}"))
                    .at(Hop::Credential)
                    .mend(self.mend(reason.as_str()))
            }
            Proof::Unclear(reason) => {
                Finding::warning(Area::Credential, subject, format!("nothing was said of it ({reason})"))
                    .mend("try again in some minutes; a push service that is asked too often, or is down, says nothing of credentials")
            }
        }
    }

    /// Why it was not asked about.
    pub(super) fn unasked(&self) -> Finding {
        Finding::skipped(
            Area::Credential,
            self.name(),
            "was not asked about: its push service was not reached",
        )
    }

    fn mend(&self, reason: &str) -> &'static str {
        match self.push_service {
            PushService::Apns => mend_at_apple(reason),
            PushService::Fcm => mend_at_google(reason),
        }
    }
}

/// Apple, "Handling notification responses from APNs".
fn mend_at_apple(reason: &str) -> &'static str {
    match reason {
        "InvalidProviderToken" => {
            "compare apns.team_id and apns.key_id with developer.apple.com (Membership; Keys), and see that the key is not revoked and belongs to this key id"
        }
        "ExpiredProviderToken" => "set this machine's clock: Apple takes tokens of the last hour only",
        "BadEnvironmentKeyIdInToken" | "BadEnvironmentKeyInToken" => {
            "this key is for the other environment only: name that one in apns.environments"
        }
        "TopicDisallowed" | "BadTopic" | "MissingTopic" => {
            "apns.topic must be the app's bundle id, and the key must be allowed to send to it"
        }
        _ => "look at the key at developer.apple.com; docs/OPERATING.md explains the reasons",
    }
}

/// Google Identity, "Using OAuth 2.0 for Server to Server Applications"; Firebase, "FCM Error Codes".
fn mend_at_google(reason: &str) -> &'static str {
    match reason {
        "invalid_grant" => {
            "the service account or its key is deleted or disabled, or this machine's clock is wrong: set the clock, or make a new key in the Google Cloud console"
        }
        "invalid_client" | "unauthorized_client" | "disabled_client" => {
            "the service account is not what it was: see in the Google Cloud console whether it is enabled, and make a new key"
        }
        "PERMISSION_DENIED" | "SENDER_ID_MISMATCH" => {
            "give the service account a role with cloudmessaging.messages.create in this project, and enable the Firebase Cloud Messaging API there"
        }
        "NOT_FOUND" => {
            "there is no such Firebase project: take the service-account file of the project that the app is built with"
        }
        "UNAUTHENTICATED" => "the access token was refused: make a new key for the service account",
        "THIRD_PARTY_AUTH_ERROR" => {
            "the APNs key or web push key that the Firebase project holds is wrong: see its Cloud Messaging settings"
        }
        _ => {
            "look at the service account in the Google Cloud console; docs/OPERATING.md explains the reasons"
        }
    }
}

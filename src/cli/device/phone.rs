//! One installation of an app.

use sealpush_seal::{DeviceKeys, Envelope, Provenance, SeenInMemory, SubscriptionId, SubscriptionPrivateKey};
use serde_json::Value;

use super::{Received, Refusal, Shown, TrustModel};
use crate::base::{Entropy, EntropyRng, UnixMillis};
use crate::cli::client::{AppClient, ClientError, Registered, RegistrationRequest, SubscriptionRequest};
use crate::cli::content::Content;
use crate::cli::files::{DeviceFile, SenderDevice};

/// Where a push service reaches the phone.
#[derive(Clone)]
pub(crate) struct PushAddress {
    /// `apns` or `fcm`.
    pub(crate) push_service: &'static str,
    /// The token that the push service gave the app.
    pub(crate) device_token: String,
}

/// What a new phone needs to know.
pub(crate) struct PhoneSetup<'a> {
    /// What its owner calls it.
    pub(crate) name: String,
    /// The app's id at the relay.
    pub(crate) app: &'a str,
    /// Where it is reached.
    pub(crate) address: PushAddress,
    /// The sender's id: the app has it from its own server.
    pub(crate) sender: &'a str,
    /// What it agreed on with its own server.
    pub(crate) trust: TrustModel,
}

/// A phone that registered and subscribed.
pub(crate) struct Phone {
    name: String,
    address: PushAddress,
    trust: TrustModel,
    registered: Registered,
    taken: usize,
    subscription: SubscriptionId,
    private: Option<SubscriptionPrivateKey>,
    seen: SeenInMemory,
}

impl Phone {
    /// Draws the keys, registers the device token, and subscribes its server.
    pub(crate) async fn set_up(
        relay: &AppClient,
        setup: PhoneSetup<'_>,
        entropy: &dyn Entropy,
    ) -> Result<Self, ClientError> {
        let PhoneSetup { name, app, address, sender, trust } = setup;
        let rng = &mut EntropyRng(entropy);
        let subscription = SubscriptionId::random(rng);
        let private = match trust {
            TrustModel::ServerSigns(_) | TrustModel::RelaySeals => {
                Some(SubscriptionPrivateKey::generate(rng))
            }
            TrustModel::NoKeys => None,
        };
        let registered = relay
            .register(&RegistrationRequest {
                app: app.to_owned(),
                push_service: address.push_service.to_owned(),
                environment: (address.push_service == "apns").then(|| "production".to_owned()),
                device_token: address.device_token.clone(),
            })
            .await?;
        // The relay gets the key only where it shall seal: a phone whose server signs keeps it from the relay.
        let for_relay = private.as_ref().filter(|_| matches!(trust, TrustModel::RelaySeals));
        let request = SubscriptionRequest {
            subscription: subscription.to_string(),
            sender: sender.to_owned(),
            subscription_key: for_relay.map(|private| private.public().to_base64url()),
        };
        relay.subscribe(&registered, &request).await?;
        let (taken, seen) = (0, SeenInMemory::new());
        Ok(Self { name, address, trust, registered, taken, subscription, private, seen })
    }

    /// Whether the relay waits for the phone to echo the code that comes as its first message.
    pub(crate) fn is_pending(&self) -> bool {
        self.registered.is_pending
    }

    /// Echoes the code in a message, whose place in the phone's inbox is `number`.
    pub(crate) async fn prove(
        &mut self,
        relay: &AppClient,
        number: usize,
        message: &Value,
    ) -> Result<(), ClientError> {
        let code = match Received::read(message) {
            Ok(Received::Code(code)) => code,
            // What else comes first is not for this phone: the relay refuses the empty code, and says so.
            _ => String::new(),
        };
        relay.confirm(&self.registered, &code).await?;
        self.registered.is_pending = false;
        self.taken = number;
        Ok(())
    }

    /// How many messages of its inbox the app took for itself.
    pub(crate) fn taken(&self) -> usize {
        self.taken
    }

    /// What the phone hands to its own server over the app's own login. A server that cannot seal gets no key.
    pub(crate) fn for_its_server(&self) -> SenderDevice {
        let for_server = self.private.as_ref().filter(|_| matches!(self.trust, TrustModel::ServerSigns(_)));
        SenderDevice {
            name: Some(self.name.clone()),
            subscription: self.subscription,
            key: for_server.map(SubscriptionPrivateKey::public),
        }
    }

    /// Takes a message in, as the app or its notification extension does.
    pub(crate) fn receive(&mut self, message: &Value, now: UnixMillis) -> Shown {
        match Received::read(message) {
            Err(error) => Shown::Refused(Refusal(error.to_string())),
            Ok(Received::Code(_)) => Shown::Refused(Refusal("a code that it did not ask for".to_owned())),
            Ok(Received::Omitted { placeholder, reference }) => {
                Shown::Placeholder { text: placeholder, reference }
            }
            // A phone whose server seals takes nothing readable: anybody on the way could have written it.
            Ok(Received::Clear(_)) if matches!(self.trust, TrustModel::ServerSigns(_)) => {
                Shown::Refused(Refusal("content that nobody sealed".to_owned()))
            }
            Ok(Received::Clear(content)) => Shown::Clear { content },
            Ok(Received::Sealed(envelope)) => self.open(&envelope, now),
        }
    }

    /// Opens an envelope.
    pub(crate) fn open(&mut self, envelope: &Envelope, now: UnixMillis) -> Shown {
        let Some(keys) = self.keys() else {
            return Shown::Refused(Refusal("this app has no keys".to_owned()));
        };
        let opened = match keys.open(envelope, u64::try_from(now.0).unwrap_or(0), &mut self.seen) {
            Ok(opened) => opened,
            Err(error) => return Shown::Refused(Refusal(error.to_string())),
        };
        let Some(content) = Content::from_json(&opened.content) else {
            return Shown::Refused(Refusal("it opened, and is not what this app shows".to_owned()));
        };
        let sealed_at = UnixMillis(i64::try_from(opened.sealed_at_ms).unwrap_or(i64::MAX));
        match opened.provenance {
            Provenance::SignedBySender => Shown::SignedByServer { content, sealed_at },
            Provenance::SealedByRelay => Shown::SealedByRelay { content, sealed_at },
        }
    }

    fn keys(&self) -> Option<DeviceKeys> {
        let identity = match &self.trust {
            TrustModel::ServerSigns(identity) => Some(*identity),
            TrustModel::RelaySeals | TrustModel::NoKeys => None,
        };
        Some(DeviceKeys::new(self.subscription, self.private.clone()?, identity))
    }

    /// Its key file, where it has keys.
    pub(crate) fn file(&self) -> Option<DeviceFile> {
        let identity = match &self.trust {
            TrustModel::ServerSigns(identity) => Some(identity),
            TrustModel::RelaySeals | TrustModel::NoKeys => None,
        };
        Some(DeviceFile::new(self.subscription, self.private.as_ref()?, identity))
    }

    /// What its owner calls it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Where it is reached.
    pub(crate) fn address(&self) -> &PushAddress {
        &self.address
    }

    /// Its registration at the relay.
    pub(crate) fn registered(&self) -> &Registered {
        &self.registered
    }

    /// Its subscription.
    pub(crate) fn subscription(&self) -> SubscriptionId {
        self.subscription
    }

    /// Its private key, where it has one.
    pub(crate) fn private(&self) -> Option<&SubscriptionPrivateKey> {
        self.private.as_ref()
    }
}

//! The proof that a device token belongs to the device that registers it: a code goes out through the push
//! service, and the device echoes it.
//!
//! Owns how often a token gets a code, and how long one counts. The code goes the way of every delivery, from
//! memory alone: a code that is late is useless, so it never stands in the outbox.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::call_offs::CallOff;
use super::codes_back::CodesBack;
use super::places::Places;
use super::wait::{Waited, Waiting};
use crate::base::{Clock, Entropy, Live, UnixMillis};
use crate::model::{
    Apps, Confirm, ConfirmCode, Delivery, DeliveryId, DeliveryOptions, Kind, LeaseQueue, NotificationId,
    Outcome, Payload, Reach, Registration, TokenKind, Ttl, UnderWay, Urgency,
};
use crate::storage::{Confirmations, Echo, Echoed, Issued, IssuedCode, Storage, StorageError};

/// How long a code counts.
const VALID: Duration = Duration::from_mins(15);
/// How many wrong echoes a registration has for each code.
const TRIES: u32 = 5;
/// Between two codes for one token, whoever asks for them: nobody can wake a stranger's device often.
const PAUSE: Duration = Duration::from_hours(1);
/// Codes of one app on their way at once.
const UNDER_WAY: usize = 4096;
/// When to ask again where so many are on their way.
const BUSY: Duration = Duration::from_mins(1);

/// Why a proof could not go on.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// Another code than the one that was sent; so many tries are left.
    #[error("another code than the one that was sent")]
    WrongCode(u32),
    /// None was sent, it is too old, or the tries are used up.
    #[error("no code is waited for")]
    NoCode,
    /// The registration was removed meanwhile.
    #[error("no such registration")]
    Missing,
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Where the proof of a registration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The token is proved, or its app asks for no proof: the registration is active.
    Active,
    /// A code is on its way to the device.
    CodeSent,
    /// Pending, and no code was sent now: from this time on the token may get another.
    CodeLater(UnixMillis),
    /// Pending, and no code was sent: too many of this app's are on their way. To be asked for again from this time on.
    Busy(UnixMillis),
}

/// Sends codes and judges echoes.
pub struct Prove {
    confirmations: Arc<dyn Confirmations>,
    apps: Live<Apps>,
    queue: LeaseQueue,
    back: mpsc::Sender<IssuedCode>,
    places: Places,
    attempts: UnderWay,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Prove {
    /// Proves the tokens of these apps; codes go into `queue`, and back to the store where they never left.
    #[must_use]
    pub fn new(
        store: &Storage,
        apps: Live<Apps>,
        queue: LeaseQueue,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> (Self, CodesBack) {
        let confirmations = Arc::clone(&store.confirmations);
        let (codes_back, back) = CodesBack::new(Arc::clone(&confirmations));
        let (places, attempts) = (Places::new(UNDER_WAY), store.outbox.under_way().clone());
        (Self { confirmations, apps, queue, back, places, attempts, clock, entropy }, codes_back)
    }

    /// Whether `registration` waits for its device to echo a code.
    #[must_use]
    pub fn is_pending(&self, registration: &Registration) -> bool {
        registration.is_pending(self.confirm(registration))
    }

    fn confirm(&self, registration: &Registration) -> Confirm {
        // Of an app that is no longer served nothing is reached: there is nothing to prove.
        self.apps.get().get(&registration.app).map_or(Confirm::Off, |app| app.confirm)
    }

    /// Sends a code to the registration's device, where its app asks for the proof, it was not given yet, and
    /// the token may get one now.
    pub async fn send_code(&self, registration: &Registration) -> Result<Standing, ProveError> {
        if self.confirm(registration) == Confirm::Off {
            return Ok(Standing::Active);
        }
        let now = self.clock.now();
        let Some(place) = self.places.take(&registration.app) else {
            return Ok(if registration.echoed { Standing::Active } else { Standing::Busy(now.plus(BUSY)) });
        };
        let code = ConfirmCode::draw(&*self.entropy);
        match self.confirmations.issue_code(registration.id, code.hash(), now, PAUSE).await? {
            Issued::Confirmed => Ok(Standing::Active),
            Issued::TooSoon(sent_at) => Ok(Standing::CodeLater(sent_at.plus(PAUSE))),
            Issued::Missing => Err(ProveError::Missing),
            Issued::Done(issued_to) => {
                self.deliver(*issued_to, code, now, place);
                Ok(Standing::CodeSent)
            }
        }
    }

    /// Takes what a device echoes.
    pub async fn echo(&self, registration: &Registration, code: &ConfirmCode) -> Result<(), ProveError> {
        let (registration, at) = (registration.id, self.clock.now());
        let echo = Echo { registration, code: code.hash(), at, valid: VALID, tries: TRIES };
        match self.confirmations.echo(&echo).await? {
            Echoed::Done => Ok(()),
            Echoed::Wrong { tries_left } => Err(ProveError::WrongCode(tries_left)),
            Echoed::NoCode => Err(ProveError::NoCode),
            Echoed::Missing => Err(ProveError::Missing),
        }
    }

    /// Hands the code to delivery. Whoever registers does not wait for it.
    #[expect(clippy::disallowed_methods, reason = "it ends when the queue of a stopping relay closes")]
    fn deliver(
        &self,
        registration: Registration,
        code: ConfirmCode,
        now: UnixMillis,
        place: OwnedSemaphorePermit,
    ) {
        let (code_hash, delivery) = (code.hash(), self.delivery(&registration, code, now));
        let under_way = CodeUnderWay {
            issued: IssuedCode { to: registration, code: code_hash },
            back: self.back.clone(),
            _place: place,
        };
        let (queue, attempts) = (self.queue.clone(), self.attempts.clone());
        let clock = Arc::clone(&self.clock);
        tokio::spawn(async move {
            let waiting = Waiting { queue: &queue, under_way: &attempts, clock: &*clock };
            let waited = waiting.wait([(Arc::new(delivery), CallOff::never())], VALID).await;
            under_way.end(waited).await;
        });
    }

    fn delivery(&self, registration: &Registration, code: ConfirmCode, now: UnixMillis) -> Delivery {
        // A PushKit token takes calls and nothing else.
        let kind = match registration.token_kind {
            TokenKind::Standard => Kind::Background,
            TokenKind::Voip => Kind::Voip,
        };
        let seconds = VALID.as_secs();
        let ttl = Ttl::from_seconds(seconds).expect("a quarter of an hour is a TTL");
        Delivery {
            id: DeliveryId::draw(&*self.entropy),
            notification: NotificationId::ordered(now, &*self.entropy),
            reach: Reach::to_registration(registration, &*self.entropy),
            payload: Payload::Confirm(code),
            options: DeliveryOptions { kind, urgency: Urgency::High, ttl },
            collapse: None,
            badge: None,
            sound: None,
            accepted_at: now,
        }
    }
}

/// A code on its way.
struct CodeUnderWay {
    issued: IssuedCode,
    back: mpsc::Sender<IssuedCode>,
    _place: OwnedSemaphorePermit,
}

impl CodeUnderWay {
    /// A code that certainly never left the relay counts for nothing: the token may get another at once.
    async fn end(self, waited: Vec<Waited>) {
        let never_left = waited.iter().all(|waited| match waited {
            // Where an answer was lost, the device may have it.
            Waited::Undecided(one) => one.under_way.is_none() && one.answers_lost == 0,
            Waited::Decided(_, ended) => ended.outcome == Outcome::Expired,
        });
        if never_left {
            let _ = self.back.send(self.issued).await;
        }
    }
}

//! Submissions that run now, so that a second copy of a request joins the first.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::Answer;
use crate::model::{NotificationId, SenderId};

type Key = (SenderId, NotificationId);
type Published = Option<Arc<Answer>>;

/// The submissions that run in this process.
#[derive(Debug, Default)]
pub(super) struct Running(Mutex<HashMap<Key, One>>);

#[derive(Debug)]
struct One {
    body_hash: [u8; 32],
    answer: watch::Receiver<Published>,
    withdrawn: CancellationToken,
}

/// What a submission finds.
pub(super) enum Entered {
    /// It is the first with this id.
    First(Turn),
    /// The same one runs already.
    Runs(Joined),
    /// Another one with this id runs already.
    OtherBody,
}

impl Running {
    /// The answer of a submission that has one already and is not yet in the store.
    pub(super) fn answered(&self, key: Key) -> Published {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.get(&key)?.answer.borrow().clone()
    }

    /// Tells a submission that it is withdrawn: what of it waits in memory is not sent. Its answer says what was.
    pub(super) fn withdraw(&self, key: Key) -> Option<Joined> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let one = entries.get(&key)?;
        one.withdrawn.cancel();
        Some(Joined(one.answer.clone()))
    }

    /// Enters a submission.
    pub(super) fn enter(self: &Arc<Self>, key: Key, body_hash: [u8; 32]) -> Entered {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match entries.entry(key) {
            Entry::Occupied(one) if one.get().body_hash == body_hash => {
                Entered::Runs(Joined(one.get().answer.clone()))
            }
            Entry::Occupied(_) => Entered::OtherBody,
            Entry::Vacant(vacant) => {
                let (publish, answer) = watch::channel(None);
                let withdrawn = CancellationToken::new();
                vacant.insert(One { body_hash, answer, withdrawn: withdrawn.clone() });
                Entered::First(Turn { running: Arc::clone(self), key, publish, withdrawn })
            }
        }
    }
}

/// The right to run a submission; it leaves when this is dropped.
pub(super) struct Turn {
    running: Arc<Running>,
    key: Key,
    publish: watch::Sender<Published>,
    withdrawn: CancellationToken,
}

impl Turn {
    /// Gives the answer to those who joined, and to those who come until the turn ends.
    pub(super) fn publish(&self, answer: &Arc<Answer>) {
        self.publish.send_replace(Some(Arc::clone(answer)));
    }

    /// How the submission learns that its sender withdraws it.
    pub(super) fn withdrawn(&self) -> &CancellationToken {
        &self.withdrawn
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.running.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

/// A place beside a submission that runs already.
pub(super) struct Joined(watch::Receiver<Published>);

impl Joined {
    /// Its answer; `None` where it ended without one (its connection broke, or it failed).
    pub(super) async fn answer(mut self) -> Published {
        self.0.wait_for(Option::is_some).await.ok().and_then(|answer| answer.clone())
    }
}

//! The phones: their device tokens, whether they still hold the app, and their inboxes.
//!
//! Owns tokens and inboxes. Does not decide who may push to them: that is `apns::judge` and `fcm::judge`.
//! Read next: `push`.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tokio::sync::Notify;

use crate::environment::Environment;
use crate::push::Push;

/// Where a device token is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Home {
    /// One topic (with the suffix of its push type, if any) in one environment.
    Apns { topic: String, environment: Environment },
    /// One Firebase project.
    Fcm { project: String },
}

/// Why a device token is dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Death {
    /// The app was removed, or the user switched notifications off.
    Unregistered,
    /// The token was replaced by another.
    Expired,
}

/// One phone with one app.
#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) home: Home,
    dead: Mutex<Option<(Death, u64)>>,
    inbox: Mutex<VecDeque<Push>>,
    accepted: AtomicUsize,
    arrived: Notify,
}

impl Device {
    fn new(home: Home) -> Arc<Self> {
        Arc::new(Self {
            home,
            dead: Mutex::default(),
            inbox: Mutex::default(),
            accepted: AtomicUsize::new(0),
            arrived: Notify::new(),
        })
    }

    /// Since when (unix milliseconds) and why the token is dead.
    pub(crate) fn death(&self) -> Option<(Death, u64)> {
        *self.dead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many messages were accepted, kept or not.
    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }

    /// Counts an accepted message without keeping it.
    pub(crate) fn count(&self) {
        self.accepted.fetch_add(1, Ordering::Relaxed);
    }

    /// Puts a message into the inbox and numbers it.
    pub(crate) fn deliver(&self, mut push: Push, limit: usize) {
        let mut inbox = self.inbox.lock().unwrap_or_else(PoisonError::into_inner);
        push.number = self.accepted.fetch_add(1, Ordering::Relaxed) + 1;
        if inbox.len() >= limit.max(1) {
            inbox.pop_front();
        }
        inbox.push_back(push);
        drop(inbox);
        self.arrived.notify_waiters();
    }

    /// The messages numbered above `after` that are still kept.
    pub(crate) fn pushes(&self, after: usize) -> Vec<Push> {
        let inbox = self.inbox.lock().unwrap_or_else(PoisonError::into_inner);
        inbox.iter().filter(|push| push.number > after).cloned().collect()
    }

    /// Waits until there is a message numbered above `after`. Without an end of its own: wrap it in a
    /// timeout.
    pub(crate) async fn next_push(&self, after: usize) -> Push {
        loop {
            // Made before the look into the inbox, so that a message that comes in between is not slept
            // through.
            let arrived = self.arrived.notified();
            if let Some(push) = self.pushes(after).into_iter().next() {
                return push;
            }
            arrived.await;
        }
    }
}

/// All devices of one simulator, by device token.
#[derive(Debug, Default)]
pub(crate) struct Devices(RwLock<HashMap<String, Arc<Device>>>);

impl Devices {
    /// A phone with a new APNs token: 64 hexadecimal digits.
    pub(crate) fn add_apns(&self, topic: &str, environment: Environment) -> String {
        let token = hex::encode(crate::random::bytes::<32>());
        let device = Device::new(Home::Apns { topic: topic.to_owned(), environment });
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(token.clone(), device);
        token
    }

    /// A phone with a new FCM registration token, in the shape of the real ones: the app's installation id,
    /// which alone names the phone too, a colon, and more.
    pub(crate) fn add_fcm(&self, project: &str) -> String {
        let id = crate::random::base64url::<16>();
        let token = format!("{id}:APA91b{}", crate::random::base64url::<100>());
        let device = Device::new(Home::Fcm { project: project.to_owned() });
        let mut devices = self.0.write().unwrap_or_else(PoisonError::into_inner);
        devices.insert(id, Arc::clone(&device));
        devices.insert(token.clone(), device);
        token
    }

    /// The device of a token.
    pub(crate) fn find(&self, token: &str) -> Option<Arc<Device>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(token).cloned()
    }

    /// Makes a token dead since `at_ms`. Says whether the token was known.
    pub(crate) fn kill(&self, token: &str, death: Death, at_ms: u64) -> bool {
        let Some(device) = self.find(token) else { return false };
        *device.dead.lock().unwrap_or_else(PoisonError::into_inner) = Some((death, at_ms));
        true
    }
}

//! One of a sender's lanes: it sends one notification after the other, and sends again what was not answered.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use sealpush::base::{Clock, OsEntropy, SystemClock};
use sealpush::model::NotificationId;
use sealpush_seal::IdentityKey;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::Instant;

use super::book::{Sent, Target};
use super::dice::Dice;
use crate::support::{Answer, Client, Device, Sender, now_ms};

/// Answers come sooner, or not at all.
const PATIENCE: Duration = Duration::from_secs(40);
/// A sender gives up on a relay that answers nothing for so long.
const GIVES_UP: Duration = Duration::from_mins(2);
/// When all is calm again, everything is decided after this time.
pub(super) const LONGEST_TTL: u64 = 300;
/// How long notifications live, in seconds; the usual ones more often.
const TTLS: [u64; 10] = [0, 0, 1, 2, 5, 20, 60, 120, LONGEST_TTL, LONGEST_TTL];

/// Who sends.
pub(super) struct Lane {
    pub(super) number: usize,
    pub(super) sender: Sender,
    pub(super) phones: Arc<Vec<Device>>,
    pub(super) identity: Arc<IdentityKey>,
    /// Where the relay is; it moves with each start.
    pub(super) relay: watch::Receiver<Client>,
    pub(super) dice: Dice,
}

impl Lane {
    /// Sends until `end`; its book.
    pub(super) async fn run(mut self, end: Instant) -> Vec<Sent> {
        let mut book = Vec::new();
        while Instant::now() < end {
            let mut sent = self.draw();
            self.send(&mut sent, end).await;
            if sent.accepted_ms.is_some() && self.dice.chance(8) {
                self.send(&mut sent, end).await;
            }
            if sent.accepted_ms.is_some() && self.dice.chance(10) {
                tokio::time::sleep(self.dice.millis(0..=1_500)).await;
                self.withdraw(&mut sent, end).await;
            }
            book.push(sent);
            tokio::time::sleep(self.dice.millis(0..=60)).await;
        }
        book
    }

    fn draw(&mut self) -> Sent {
        let most = self.phones.len() as u64;
        let count = if self.dice.chance(25) { self.dice.between(2..=most) } else { 1 };
        let first = self.dice.between(0..=most - 1);
        let (mut targets, mut marked) = (Vec::new(), Vec::new());
        for place in 0..count {
            let phones = Arc::clone(&self.phones);
            let phone = &phones[usize::try_from((first + place) % most).unwrap()];
            let (target, mark) = self.target(phone);
            targets.push(target);
            marked.push(Target { subscription: phone.subscription.clone(), mark });
        }
        let id = NotificationId::ordered(SystemClock.now(), &OsEntropy).to_string();
        let (ttl, wait) = (*self.dice.pick(&TTLS), self.dice.chance(50));
        let urgency = *self.dice.pick(&["high", "high", "normal", "low"]);
        let collapse_key = self.dice.chance(25).then(|| (*self.dice.pick(&["a", "b", "c"])).to_owned());
        let mut body = json!({"id": id, "ttl": ttl, "wait": wait, "urgency": urgency, "targets": targets});
        if let Some(key) = &collapse_key {
            body["collapse_key"] = Value::from(key.as_str());
        }
        Sent { sender: self.number, id, body, ttl, collapse_key, targets: marked, ..Sent::default() }
    }

    /// One target of a request, and by what its pushes are known.
    fn target(&mut self, phone: &Device) -> (Value, String) {
        if self.dice.chance(25) {
            let envelope = phone.seal(b"{}", &self.identity);
            let target = json!({"subscription": phone.subscription, "envelope": envelope.to_base64url()});
            return (target, envelope.delivery_id().to_string());
        }
        let mark = NotificationId::ordered(SystemClock.now(), &OsEntropy).to_string();
        (json!({"subscription": phone.subscription, "reference": mark}), mark)
    }

    /// Sends until it is accepted. What is given up was never accepted, unless it was before.
    async fn send(&mut self, sent: &mut Sent, end: Instant) {
        if sent.began_ms == 0 {
            sent.began_ms = now_ms();
        }
        let body = sent.body.clone();
        if let Some(answer) = self.insist(sent, Method::POST, "/v1/notifications", Some(&body), end).await {
            sent.accepted_ms.get_or_insert(now_ms());
            sent.is_told(now_ms(), &answer.json());
        }
    }

    async fn withdraw(&mut self, sent: &mut Sent, end: Instant) {
        sent.withdrawn = true;
        let path = format!("/v1/notifications/{}", sent.id);
        if let Some(answer) = self.insist(sent, Method::DELETE, &path, None, end).await {
            sent.is_told(now_ms(), &answer.json());
        }
    }

    /// Calls until the answer is a good one; `None` where none came, or one that should not be.
    async fn insist(
        &mut self,
        sent: &mut Sent,
        method: Method,
        path: &str,
        body: Option<&Value>,
        end: Instant,
    ) -> Option<Answer> {
        while Instant::now() < end + GIVES_UP {
            let relay = self.relay.borrow().clone();
            let call = relay.try_to_call(method.clone(), path, &self.sender.credential, body);
            // Some hang up before they are answered.
            let hangs_up = self.dice.chance(3);
            let patience = if hangs_up { self.dice.millis(0..=30) } else { PATIENCE };
            match tokio::time::timeout(patience, call).await {
                Ok(Some(answer)) => match answer.status.as_u16() {
                    200 | 202 => return Some(answer),
                    // Of what it told and forgot with its process, a relay knows nothing: the judge knows whether it may.
                    404 if method == Method::DELETE => return Some(answer),
                    429 | 503 => sent.put_off += 1,
                    _ => {
                        sent.odd.push(format!("{method} was answered {}: {}", answer.status, answer.text));
                        return None;
                    }
                },
                Ok(None) => sent.lost_answers += 1,
                Err(_) if hangs_up => sent.lost_answers += 1,
                Err(_) => sent.odd.push(format!("{method} was not answered within {PATIENCE:?}")),
            }
            tokio::time::sleep(self.dice.millis(20..=200)).await;
        }
        None
    }
}

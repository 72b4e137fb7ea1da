//! Stops, in order and without warning: what was promised is kept.

use std::collections::HashMap;

use futures_util::future::{join_all, select_all};
use push_simulator::{Effect, Rule, RuleTarget};
use serde_json::{Value, json};

use crate::support::{Answer, Device, Sender, World};

const PHONES: usize = 40;
/// Attempts that the relay makes at once: the rest waits in its memory.
const AT_ONCE: usize = 5;

/// Phones on both push services, each with a notification id of its own for one notification.
struct Load {
    world: World,
    sender: Sender,
    phones: Vec<Device>,
    notifications: Vec<Value>,
}

impl Load {
    /// On push services that take this long to answer.
    async fn new(wait: bool, answers_after_ms: u64) -> Self {
        let limit = format!("in_flight = {AT_ONCE}");
        let world = World::builder().own_process().config("limits", limit).start().await;
        let sender = world.sender("sealed_only").await;
        let mut phones = Vec::new();
        for index in 0..PHONES {
            phones.push(match index % 2 {
                0 => world.iphone(&sender, false).await,
                _ => world.android(&sender, false).await,
            });
        }
        world.warm_up(&sender).await;
        let effect = Effect::Delay { millis: answers_after_ms };
        world.simulator.script(Rule::new(RuleTarget::Everything, effect));
        let one = |phone: &Device| json!({"id": world.notification_id(), "wait": wait, "targets": [{"subscription": phone.subscription}]});
        let notifications = phones.iter().map(one).collect();
        Self { world, sender, phones, notifications }
    }

    /// Sends all notifications at once.
    async fn send(&self) -> Vec<Answer> {
        join_all(self.notifications.iter().map(|one| self.world.notify(&self.sender, one.clone()))).await
    }

    /// Sends all notifications at once; the first answer.
    async fn first_answer(&self) -> Answer {
        let all = self.notifications.iter().map(|one| Box::pin(self.world.notify(&self.sender, one.clone())));
        let (first, _, others) = select_all(all).await;
        join_all(others).await;
        first
    }

    /// Waits until attempts are under way for some, and all others wait in the relay's memory.
    async fn under_way(&self) {
        World::until("attempts are under way", async || {
            let begun = self.phones.iter().filter(|phone| !self.world.attempts(phone).is_empty()).count();
            let waiting = self.world.metric("sealpush_queue_depth").await;
            // One may have left the queue and wait for its place.
            begun > 0 && begun + usize::try_from(waiting).unwrap() + 1 >= PHONES
        })
        .await;
    }

    /// Each notification ended accepted, and came once, or again under the same delivery id because the answer
    /// to the attempt before was lost.
    async fn all_accepted_once(&self) {
        for (notification, phone) in self.notifications.iter().zip(&self.phones) {
            let document = self.world.decided(&self.sender, notification["id"].as_str().unwrap()).await;
            let targets = document["targets"].as_array().unwrap();
            assert_eq!((targets.len(), &targets[0]["outcome"]), (1, &json!("accepted")), "{document}");
            let mut pushes: HashMap<String, usize> = HashMap::new();
            for push in self.world.inbox(phone) {
                let id = push.headers.get("apns-id").cloned();
                let id = id.or(push.body["data"]["delivery"].as_str().map(str::to_owned)).unwrap();
                *pushes.entry(id).or_default() += 1;
            }
            assert_eq!(pushes.len(), 1, "one delivery id: {pushes:?}");
            assert!(pushes.values().all(|count| (1..=2).contains(count)), "{pushes:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_promised_survives_a_kill_and_is_sent_after_the_restart() {
    let mut load = Load::new(false, 3_000).await;
    let answers = load.send().await;
    assert!(answers.iter().all(|answer| answer.status == 202), "{answers:?}");
    load.under_way().await;

    load.world.kill_relay();
    load.world.simulator.clear_script();
    load.world.start_relay().await;

    load.all_accepted_once().await;
    load.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_is_asked_to_stop_answers_everyone_and_loses_nothing() {
    for wait in [true, false] {
        let mut load = Load::new(wait, 1_500).await;
        let (answers, ()) = tokio::join!(load.send(), async {
            load.under_way().await;
            load.world.ask_to_stop();
        });
        load.world.stop_relay().await;
        load.world.simulator.clear_script();
        load.world.start_relay().await;

        assert!(answers.iter().all(|answer| [200, 202].contains(&answer.status.as_u16())), "{answers:?}");
        assert!(answers.iter().any(|answer| answer.status == 202), "something was undecided at the stop");
        load.all_accepted_once().await;
        load.world.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_behind_others_is_answered_at_once_when_the_relay_stops() {
    let mut load = Load::new(true, 3_000).await;
    let (quickest, ()) = tokio::join!(load.first_answer(), async {
        load.under_way().await;
        load.world.ask_to_stop();
    });

    assert_eq!(quickest.status, 202, "not after the attempts that are under way: {quickest:?}");
    load.world.stop_relay().await;
    load.world.simulator.clear_script();
    load.world.start_relay().await;
    load.all_accepted_once().await;
    load.world.end().await;
}

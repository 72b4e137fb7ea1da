//! How much waits is known without counting, whatever ends it.

use sealpush::base::UnixMillis;
use sealpush::model::{CalledOff, Delivery, Notification, Reach};
use sealpush::storage::{CallOff, Load};

use super::on_every_engine;
use super::outcomes::{accepted, settled};
use super::test_store::{NOW, TestStore, app, delivery, entry, notification};

on_every_engine!(
    what_is_promised_counts_for_its_sender_and_for_all,
    what_ended_does_not_count_whatever_ended_it,
    what_is_not_kept_does_not_count,
    the_bytes_of_what_waits_count,
);

const LATER: UnixMillis = UnixMillis(NOW.0 + 1_000);

async fn one_waits(store: &TestStore, reach: &Reach) -> (Notification, Delivery) {
    let notification = notification(reach.sender);
    let delivery = delivery(&notification, reach);
    store.promise(&notification, &[&delivery]).await;
    (notification, delivery)
}

fn waits(store: &TestStore, reach: &Reach) -> (u64, u64) {
    let (own, all) = store.outbox.load(reach.sender);
    (own.deliveries, all.deliveries)
}

async fn what_is_promised_counts_for_its_sender_and_for_all(store: &TestStore) {
    let (one, other) = (store.reached().await, store.reached().await);
    assert_eq!(store.outbox.load(one.sender), (Load::default(), Load::default()));
    one_waits(store, &one).await;
    one_waits(store, &one).await;
    one_waits(store, &other).await;
    assert_eq!((waits(store, &one), waits(store, &other)), ((2, 3), (1, 3)));
}

async fn what_ended_does_not_count_whatever_ended_it(store: &TestStore) {
    let sender = store.sender().await;
    let mut reaches = Vec::new();
    let mut waiting = Vec::new();
    for _ in 0..6 {
        let reach = store.reached_by(sender).await;
        waiting.push(one_waits(store, &reach).await);
        reaches.push(reach);
    }
    store.settle(&[settled(&waiting[0].1, accepted(LATER))], LATER).await.unwrap();
    let which = CallOff::Notification { sender, id: waiting[1].0.id, targets: None };
    store.outbox.call_off(&which, CalledOff::Withdrawn, LATER, LATER).await.unwrap();
    store.registrations.unsubscribe(reaches[2].subscription, LATER).await.unwrap();
    store.registrations.unregister(reaches[3].registration, LATER).await.unwrap();
    store.retire(&app(), &reaches[4].device_token, None, LATER).await.unwrap();
    assert_eq!(waits(store, &reaches[0]), (1, 1));

    store.senders.suspend(sender, &entry("sender.suspend")).await.unwrap();

    assert_eq!(store.outbox.load(sender), (Load::default(), Load::default()));
}

async fn what_is_not_kept_does_not_count(store: &TestStore) {
    let (reach, other) = (store.reached().await, store.reached().await);
    let (notification, _) = one_waits(store, &reach).await;
    store.promise(&notification, &[&delivery(&notification, &reach)]).await;
    one_waits(store, &other).await;
    assert_eq!(waits(store, &reach), (1, 2));

    store.senders.erase(reach.sender, &entry("sender.erase")).await.unwrap();

    assert_eq!((waits(store, &reach), waits(store, &other)), ((0, 1), (1, 1)));
    one_waits(store, &reach).await;
    assert_eq!(waits(store, &reach), (0, 1));
}

async fn the_bytes_of_what_waits_count(store: &TestStore) {
    let reach = store.reached().await;
    one_waits(store, &reach).await;
    let bare = store.outbox.load(reach.sender).0.bytes;
    let notification = notification(reach.sender);
    let payload = sealpush::model::Payload::Omitted { reference: Some("r".repeat(50).parse().unwrap()) };
    let delivery = Delivery { payload, ..delivery(&notification, &reach) };

    store.promise(&notification, &[&delivery]).await;

    assert_eq!(store.outbox.load(reach.sender).0.bytes, 2 * bare + 50);
    store.settle(&[settled(&delivery, accepted(LATER))], LATER).await.unwrap();
    assert_eq!(store.outbox.load(reach.sender).0.bytes, bare);
}

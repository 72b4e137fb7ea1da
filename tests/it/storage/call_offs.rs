//! What waits is called off: withdrawn by its sender, or replaced by a newer one.

use futures_util::future::join_all;
use sealpush::base::UnixMillis;
use sealpush::model::{
    CalledOff, CollapseHash, Delivery, Form, Notification, Outcome, Reach, Settlement, TargetOutcome,
};
use sealpush::storage::{CallOff, Known, Promise, Waiting};

use super::on_every_engine;
use super::outcomes::{accepted, settled};
use super::test_store::{DONE, NOW, TestStore, delivery, notification, waiting};

on_every_engine!(
    what_waits_is_withdrawn,
    one_target_is_called_off_and_the_others_wait,
    calling_off_what_is_not_there_writes_nothing,
    another_senders_notification_is_not_withdrawn,
    a_leased_delivery_that_is_not_begun_is_withdrawn_and_never_begun,
    what_is_under_way_ends_as_it_ends,
    what_is_under_way_is_not_tried_again,
    a_newer_one_replaces_what_waits,
    only_the_same_key_and_the_same_subscription_are_replaced,
    what_is_under_way_is_not_replaced_and_not_tried_again,
    of_promises_that_are_written_together_the_last_stays,
    what_does_not_replace_replaces_nothing,
    a_place_is_cleared_for_what_waits_in_memory,
    outcomes_of_what_was_called_off_are_kept,
);

const LATER: UnixMillis = UnixMillis(NOW.0 + 1_000);
const KEEP: UnixMillis = UnixMillis(NOW.0 + 100_000_000);
const KEY: CollapseHash = CollapseHash([4; 24]);

/// A notification to one subscription.
fn one(reach: &Reach, collapse: Option<CollapseHash>) -> (Notification, Delivery) {
    let notification = notification(reach.sender);
    let delivery = Delivery { collapse, ..delivery(&notification, reach) };
    (notification, delivery)
}

fn target(reach: &Reach, outcome: Outcome, at: UnixMillis) -> TargetOutcome {
    TargetOutcome { subscription: reach.subscription, form: Some(Form::Omitted), outcome, at }
}

fn all_of(notification: &Notification) -> CallOff<'static> {
    CallOff::Notification { sender: notification.sender, id: notification.id, targets: None }
}

async fn withdraw(store: &TestStore, notification: &Notification) -> u64 {
    store.outbox.call_off(&all_of(notification), CalledOff::Withdrawn, LATER, KEEP).await.unwrap()
}

async fn known(store: &TestStore, notification: &Notification) -> Known {
    store.outbox.known(notification.sender, notification.id).await.unwrap().unwrap()
}

async fn leases(store: &TestStore) -> usize {
    store.lease(LATER, KEEP, 100).await.unwrap().len()
}

async fn what_waits_is_withdrawn(store: &TestStore) {
    let reach = store.reached().await;
    let (notification, delivery) = one(&reach, None);
    store.promise(&notification, &[&delivery]).await;

    assert_eq!(withdraw(store, &notification).await, 1);

    let known = known(store, &notification).await;
    assert_eq!(known.decided, [target(&reach, Outcome::Withdrawn, LATER)]);
    assert_eq!((known.pending.len(), leases(store).await), (0, 0));
    assert_eq!(withdraw(store, &notification).await, 0);
}

async fn one_target_is_called_off_and_the_others_wait(store: &TestStore) {
    let (first, reach) = (store.reached().await, store.reached().await);
    let other = store.reached_by(first.sender).await;
    let (notification, delivery_of_first) = one(&first, None);
    let delivery_of_other = delivery(&notification, &other);
    store.promise(&notification, &[&delivery_of_first, &delivery_of_other]).await;

    let targets = [first.subscription, reach.subscription];
    let which = CallOff::Notification { sender: first.sender, id: notification.id, targets: Some(&targets) };
    let ended = store.outbox.call_off(&which, CalledOff::Replaced, LATER, KEEP).await.unwrap();

    let known = known(store, &notification).await;
    assert_eq!(ended, 1);
    assert_eq!(known.decided, [target(&first, Outcome::Replaced, LATER)]);
    assert_eq!(known.pending, [(other.subscription, Form::Omitted)]);
}

async fn calling_off_what_is_not_there_writes_nothing(store: &TestStore) {
    let reach = store.reached().await;
    let (unknown, _) = one(&reach, None);
    assert_eq!(withdraw(store, &unknown).await, 0);
    let none = store.outbox.call_off(&CallOff::Collapse(&[]), CalledOff::Replaced, LATER, KEEP).await;
    assert_eq!(none.unwrap(), 0);
}

async fn another_senders_notification_is_not_withdrawn(store: &TestStore) {
    let (reach, stranger) = (store.reached().await, store.sender().await);
    let (notification, delivery) = one(&reach, None);
    store.promise(&notification, &[&delivery]).await;

    let theirs = Notification { sender: stranger, ..notification.clone() };
    assert_eq!(withdraw(store, &theirs).await, 0);

    assert_eq!(leases(store).await, 1);
}

async fn a_leased_delivery_that_is_not_begun_is_withdrawn_and_never_begun(store: &TestStore) {
    let reach = store.reached().await;
    let (notification, delivery) = one(&reach, None);
    store.promise(&notification, &[&delivery]).await;
    assert_eq!(leases(store).await, 1);

    assert_eq!(withdraw(store, &notification).await, 1);

    assert!(store.outbox.under_way().begin(delivery.key()).await.is_none());
    assert_eq!(known(store, &notification).await.decided, [target(&reach, Outcome::Withdrawn, LATER)]);
}

async fn what_is_under_way_ends_as_it_ends(store: &TestStore) {
    let reach = store.reached().await;
    let (notification, delivery) = one(&reach, None);
    store.promise(&notification, &[&delivery]).await;
    leases(store).await;
    let begun = store.outbox.under_way().begin(delivery.key()).await;

    assert_eq!(withdraw(store, &notification).await, 0);

    store.settle(&[settled(&delivery, accepted(LATER))], KEEP).await.unwrap();
    drop(begun);
    assert_eq!(known(store, &notification).await.decided, [target(&reach, Outcome::Accepted, LATER)]);
}

/// Settles `delivery`, which is under way, as one that is to be tried again.
async fn postpone(store: &TestStore, delivery: &Delivery) {
    let later = Settlement::Postponed { due: LATER, attempts: 1, answers_lost: 0 };
    store.settle(&[settled(delivery, later)], KEEP).await.unwrap();
}

async fn what_is_under_way_is_not_tried_again(store: &TestStore) {
    let reach = store.reached().await;
    let (notification, delivery) = one(&reach, None);
    store.promise(&notification, &[&delivery]).await;
    leases(store).await;
    let begun = store.outbox.under_way().begin(delivery.key()).await;
    withdraw(store, &notification).await;

    postpone(store, &delivery).await;

    drop(begun);
    assert_eq!(known(store, &notification).await.decided, [target(&reach, Outcome::Withdrawn, LATER)]);
    assert_eq!(leases(store).await, 0);
}

async fn a_newer_one_replaces_what_waits(store: &TestStore) {
    let reach = store.reached().await;
    let (older, its) = one(&reach, Some(KEY));
    let (mut newer, newer_delivery) = one(&reach, Some(KEY));
    newer.accepted_at = LATER;
    store.promise(&older, &[&its]).await;

    assert_eq!(store.promise(&newer, &[&newer_delivery]).await, DONE);

    assert_eq!(known(store, &older).await.decided, [target(&reach, Outcome::Replaced, LATER)]);
    assert_eq!(known(store, &newer).await.pending, [(reach.subscription, Form::Omitted)]);
    let leased = store.lease(LATER, KEEP, 10).await.unwrap();
    assert_eq!(leased.iter().map(|lease| lease.delivery.id).collect::<Vec<_>>(), [newer_delivery.id]);
}

async fn only_the_same_key_and_the_same_subscription_are_replaced(store: &TestStore) {
    let reach = store.reached().await;
    let elsewhere = store.reached_by(reach.sender).await;
    let others = [
        one(&reach, None),
        one(&reach, Some(CollapseHash([5; 24]))),
        one(&elsewhere, Some(KEY)),
        one(&reach, Some(KEY)),
    ];
    for (notification, delivery) in &others {
        store.promise(notification, &[delivery]).await;
    }
    let (newer, delivery) = one(&reach, Some(KEY));

    store.promise(&newer, &[&delivery]).await;

    for (notification, _) in &others[..3] {
        assert_eq!(known(store, notification).await.decided, []);
    }
    assert_eq!(known(store, &others[3].0).await.pending, []);
}

async fn what_is_under_way_is_not_replaced_and_not_tried_again(store: &TestStore) {
    let reach = store.reached().await;
    let (older, its) = one(&reach, Some(KEY));
    store.promise(&older, &[&its]).await;
    leases(store).await;
    let begun = store.outbox.under_way().begin(its.key()).await;
    let (mut newer, delivery) = one(&reach, Some(KEY));
    newer.accepted_at = LATER;

    store.promise(&newer, &[&delivery]).await;

    assert_eq!(known(store, &older).await.decided, []);
    postpone(store, &its).await;
    drop(begun);
    assert_eq!(known(store, &older).await.decided, [target(&reach, Outcome::Replaced, LATER)]);
}

async fn of_promises_that_are_written_together_the_last_stays(store: &TestStore) {
    let reach = store.reached().await;
    let all: Vec<_> = (0..50).map(|_| one(&reach, Some(KEY))).collect();

    join_all(all.iter().map(async |(notification, delivery)| store.promise(notification, &[delivery]).await))
        .await;

    let mut pending = 0;
    for (notification, _) in &all {
        let known = known(store, notification).await;
        assert_eq!(known.pending.len() + known.decided.len(), 1);
        pending += known.pending.len();
    }
    assert_eq!((pending, store.depth().await.unwrap().0), (1, 1));
}

async fn what_does_not_replace_replaces_nothing(store: &TestStore) {
    let reach = store.reached().await;
    let (newer, newer_delivery) = one(&reach, Some(KEY));
    store.promise(&newer, &[&newer_delivery]).await;
    // It was accepted before the other, and became durable after it.
    let (older, delivery) = one(&reach, Some(KEY));
    let waiting: [Waiting<'_>; 1] = [waiting(&delivery)];
    let promise = Promise { notification: &older, decided: &[], waiting: &waiting, replaces: false };

    assert_eq!(store.outbox.promise(&promise).await.unwrap(), DONE);

    assert_eq!(leases(store).await, 2);
}

async fn a_place_is_cleared_for_what_waits_in_memory(store: &TestStore) {
    let reach = store.reached().await;
    let (older, its) = one(&reach, Some(KEY));
    let (other, others) = one(&reach, Some(CollapseHash([5; 24])));
    store.promise(&older, &[&its]).await;
    store.promise(&other, &[&others]).await;

    let places = CallOff::Collapse(&[(reach.subscription, KEY)]);
    let ended = store.outbox.call_off(&places, CalledOff::Replaced, LATER, KEEP).await.unwrap();

    assert_eq!(ended, 1);
    assert_eq!(known(store, &older).await.decided, [target(&reach, Outcome::Replaced, LATER)]);
    assert_eq!(known(store, &other).await.decided, []);
}

async fn outcomes_of_what_was_called_off_are_kept(store: &TestStore) {
    let reach = store.reached().await;
    let (mut notification, delivery) = one(&reach, None);
    notification.keep_until = NOW;
    store.promise(&notification, &[&delivery]).await;
    withdraw(store, &notification).await;

    assert_eq!(store.outbox.forget(UnixMillis(KEEP.0 - 1), 10).await.unwrap(), 0);
    assert_eq!(store.outbox.forget(KEEP, 10).await.unwrap(), 1);
}

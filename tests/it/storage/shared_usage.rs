//! The figures of senders that share: counted once, withheld where few devices are behind them, kept for their time.

use std::time::Duration;

use sealpush::base::UnixMillis;
use sealpush::model::{
    CalledOff, Category, Delivery, Effect, Outcome, Reach, SenderId, Settlement, UsageRecords,
};
use sealpush::storage::{CallOff, EndedDelivery, Settled, Used};

use super::on_every_engine;
use super::sharing::{note_software, share};
use super::test_store::{NOW, TestStore, delivery, entry, notification};

on_every_engine!(
    each_delivery_that_ends_in_the_outbox_is_counted_once,
    deliveries_that_end_without_an_attempt_are_counted_too,
    what_fewer_than_five_devices_are_behind_is_not_written,
    a_sender_that_shares_nothing_has_no_figures,
    devices_are_counted_once_a_day_and_rounded_down,
    what_is_too_old_is_forgotten,
    senders_with_figures_come_in_pages,
    a_preview_reads_what_is_there_and_writes_nothing,
);

/// A sender that shares this, with so many subscriptions.
async fn sharing(store: &TestStore, categories: &[Category], devices: usize) -> (SenderId, Vec<Reach>) {
    let sender = store.sender().await;
    share(store, sender, categories).await;
    let mut reaches = Vec::with_capacity(devices);
    for _ in 0..devices {
        reaches.push(store.reached_by(sender).await);
    }
    (sender, reaches)
}

/// Promises one delivery to each of `reaches`.
async fn promised(store: &TestStore, sender: SenderId, reaches: &[Reach]) -> Vec<Delivery> {
    let notification = notification(sender);
    let deliveries: Vec<_> = reaches.iter().map(|reach| delivery(&notification, reach)).collect();
    store.promise(&notification, &deliveries.iter().collect::<Vec<_>>()).await;
    deliveries
}

fn accepted(deliveries: &[Delivery]) -> Vec<Settled> {
    let effect = Effect::Accepted { environment: None };
    let settlement = Settlement::Decided { outcome: Outcome::Accepted, at: NOW, effect };
    deliveries.iter().map(|one| Settled::of(one, settlement.clone())).collect()
}

fn used(reach: &Reach) -> Used {
    Used {
        subscription: reach.subscription,
        registration: reach.registration,
        day: NOW.day(),
        environment: None,
        registered_at: reach.registered_at,
    }
}

/// Has `sender` share everything, with a figure of each kind.
pub(super) async fn with_every_figure(store: &TestStore, sender: SenderId) {
    share(store, sender, &Category::ALL).await;
    note_software(store, sender);
    let mut reaches = Vec::new();
    for _ in 0..5 {
        reaches.push(store.reached_by(sender).await);
    }
    store.used(&reaches.iter().map(used).collect::<Vec<_>>()).await.unwrap();
    let settled = accepted(&promised(store, sender, &reaches).await);
    store.settle(&settled, NOW).await.unwrap();
    store.sharing.write_usage(NOW).await.unwrap();
}

/// What is written: outcomes with their counts.
async fn written(store: &TestStore, sender: SenderId) -> Vec<(&'static str, u64)> {
    store.sharing.write_usage(NOW).await.unwrap();
    let usage = store.sharing.usage(sender).await.unwrap();
    assert!(usage.volume.iter().all(|(cell, _)| cell.day == NOW.day()));
    usage.volume.iter().map(|(cell, count)| (cell.outcome, *count)).collect()
}

async fn each_delivery_that_ends_in_the_outbox_is_counted_once(store: &TestStore) {
    let (sender, reaches) = sharing(store, &[Category::Volume], 5).await;
    let settled = accepted(&promised(store, sender, &reaches).await);

    for _ in 0..2 {
        store.settle(&settled, NOW).await.unwrap();
    }

    for _ in 0..2 {
        assert_eq!(written(store, sender).await, [("accepted", 5)]);
    }
    let more = accepted(&promised(store, sender, &reaches[..1]).await);
    store.settle(&more, NOW).await.unwrap();
    assert_eq!(written(store, sender).await, [("accepted", 6)], "one more joins what is there");
}

async fn deliveries_that_end_without_an_attempt_are_counted_too(store: &TestStore) {
    let (sender, reaches) = sharing(store, &[Category::Volume], 10).await;
    let withdrawn = promised(store, sender, &reaches[..5]).await;
    promised(store, sender, &reaches[5..]).await;

    let which = CallOff::Notification { sender, id: withdrawn[0].notification, targets: None };
    store.outbox.call_off(&which, CalledOff::Withdrawn, NOW, NOW).await.unwrap();
    for reach in &reaches[5..] {
        store.registrations.unsubscribe(reach.subscription, NOW).await.unwrap();
    }

    assert_eq!(written(store, sender).await, [("gone", 5), ("withdrawn", 5)]);
}

async fn what_fewer_than_five_devices_are_behind_is_not_written(store: &TestStore) {
    let (sender, reaches) = sharing(store, &[Category::Volume], 5).await;
    for _ in 0..3 {
        let settled = accepted(&promised(store, sender, &reaches[..4]).await);
        store.settle(&settled, NOW).await.unwrap();
    }
    assert_eq!(written(store, sender).await, []);

    let settled = accepted(&promised(store, sender, &reaches[4..]).await);
    store.settle(&settled, NOW).await.unwrap();

    assert_eq!(written(store, sender).await, [("accepted", 13)]);
}

async fn a_sender_that_shares_nothing_has_no_figures(store: &TestStore) {
    let (sender, reaches) = sharing(store, &[Category::Software], 5).await;
    let settled = accepted(&promised(store, sender, &reaches).await);
    store.settle(&settled, NOW).await.unwrap();

    assert_eq!(written(store, sender).await, []);
    share(store, sender, &[Category::Volume]).await;
    assert_eq!(written(store, sender).await, [], "what ended before is not counted afterwards");
}

async fn devices_are_counted_once_a_day_and_rounded_down(store: &TestStore) {
    let (sender, reaches) = sharing(store, &[Category::Devices], 12).await;
    let all: Vec<_> = reaches.iter().map(used).collect();
    store.used(&all[..4]).await.unwrap();
    store.sharing.write_usage(NOW).await.unwrap();
    assert_eq!(store.sharing.usage(sender).await.unwrap().devices, [], "four are fewer than five");

    store.used(&all).await.unwrap();
    let tomorrow = NOW.plus(Duration::from_hours(24));
    for now in [NOW, tomorrow, tomorrow] {
        store.sharing.write_usage(now).await.unwrap();
    }

    assert_eq!(store.sharing.usage(sender).await.unwrap().devices, [(tomorrow.day(), 10)]);
}

async fn what_is_too_old_is_forgotten(store: &TestStore) {
    let (sender, reaches) = sharing(store, &[Category::Volume], 5).await;
    let settled = accepted(&promised(store, sender, &reaches).await);
    store.settle(&settled, NOW).await.unwrap();
    assert_eq!(written(store, sender).await, [("accepted", 5)]);

    assert_eq!(store.sharing.forget_usage_before(NOW.day(), 10).await.unwrap(), 0);
    let next = NOW.plus(Duration::from_hours(24)).day();
    assert_eq!(store.sharing.forget_usage_before(next, 10).await.unwrap(), 1);

    assert_eq!(store.sharing.usage(sender).await.unwrap(), UsageRecords::default());
}

async fn senders_with_figures_come_in_pages(store: &TestStore) {
    let mut sharing_contact = Vec::new();
    for _ in 0..3 {
        sharing_contact.push(sharing(store, &[Category::Contact], 0).await.0);
    }
    sharing(store, &[Category::Volume], 0).await;
    store.sender().await;
    sharing_contact.sort();

    let first = store.sharing.senders_with_usage(None, 2).await.unwrap();
    let second = store.sharing.senders_with_usage(Some(first[1].0), 2).await.unwrap();

    let ids: Vec<_> = first.iter().chain(&second).map(|(id, _)| *id).collect();
    assert_eq!(ids, sharing_contact);
}

async fn a_preview_reads_what_is_there_and_writes_nothing(store: &TestStore) {
    let sender = store.sender().await;
    let reach = store.reached_by(sender).await;
    let deliveries = promised(store, sender, std::slice::from_ref(&reach)).await;
    store.settle(&accepted(&deliveries), UnixMillis(NOW.0 + 86_400_000)).await.unwrap();

    let present = store.sharing.present_usage(sender, 10).await.unwrap();

    let target = sealpush::model::TargetOutcome {
        subscription: reach.subscription,
        form: None,
        outcome: Outcome::Accepted,
        at: NOW,
    };
    let expected = EndedDelivery::of(sender, reach.push_service, &target);
    assert_eq!((present.ended, present.devices), (vec![(reach.subscription, expected.cell)], 0));
    assert_eq!(written(store, sender).await, []);
    store.senders.erase(sender, &entry("sender.erase")).await.unwrap();
    assert_eq!(store.sharing.present_usage(sender, 10).await.unwrap().ended, []);
}

#[tokio::test]
async fn after_a_restart_a_count_goes_on_where_enough_devices_are_behind_it() {
    let store = TestStore::sqlite_in_a_file().await;
    let (sender, reaches) = sharing(&store, &[Category::Volume], 5).await;
    let settled = accepted(&promised(&store, sender, &reaches).await);
    store.settle(&settled, NOW).await.unwrap();
    assert_eq!(written(&store, sender).await, [("accepted", 5)]);

    let store = store.reopen().await;
    let settled = accepted(&promised(&store, sender, &reaches[..1]).await);
    store.settle(&settled, NOW).await.unwrap();

    assert_eq!(written(&store, sender).await, [("accepted", 6)]);
}

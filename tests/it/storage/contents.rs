//! Readable content that goes to several targets stands once, and goes with the last of them.

use sealpush::base::UnixMillis;
use sealpush::model::{CalledOff, Delivery, Lease, Notification, Payload, SubscriptionId};
use sealpush::privacy::{ReadableContent, Treated, Treatment};
use sealpush::storage::CallOff;
use sqlx::ConnectOptions;

use super::on_every_engine;
use super::outcomes::{accepted, settled};
use super::test_store::{DONE, NOW, TestStore, delivery, entry, notification};

on_every_engine!(what_several_share_is_leased_with_each, what_goes_to_one_alone_stands_with_it);

const FAR: UnixMillis = UnixMillis(NOW.0 + 600_000);
const CONTENT: &str = r#"{"title":"T","body":"a body that everybody gets"}"#;

/// A notification with readable content, and its deliveries to so many phones.
pub(super) async fn clear(store: &TestStore, phones: usize) -> (Notification, Vec<Delivery>) {
    let sender = store.sender().await;
    let (notification, mut deliveries) = (notification(sender), Vec::new());
    for _ in 0..phones {
        deliveries.push(delivery(&notification, &store.reached_by(sender).await));
    }
    with_readable_content(&mut deliveries).await;
    (notification, deliveries)
}

/// Gives deliveries of one notification readable content, which they share.
pub(super) async fn with_readable_content(deliveries: &mut [Delivery]) {
    let treated: Vec<_> = deliveries
        .iter()
        .map(|one| (one.reach.subscription, one.id))
        .map(|(subscription, delivery): (SubscriptionId, _)| Treated {
            subscription,
            delivery,
            treatment: Treatment::Clear,
        })
        .collect();
    let payloads = ReadableContent::parse(CONTENT).unwrap().treat(&treated, NOW).await;
    for (delivery, payload) in deliveries.iter_mut().zip(payloads) {
        delivery.payload = payload;
    }
}

async fn promise(store: &TestStore, phones: usize) -> Vec<Delivery> {
    let (notification, deliveries) = clear(store, phones).await;
    let all: Vec<_> = deliveries.iter().collect();
    assert_eq!(store.promise(&notification, &all).await, DONE);
    deliveries
}

/// A payload that did not open would have ended its delivery.
fn is_clear(lease: &Lease) -> bool {
    matches!(lease.delivery.payload, Payload::Clear(_))
}

async fn what_several_share_is_leased_with_each(store: &TestStore) {
    let deliveries = promise(store, 3).await;
    store.settle(&[settled(&deliveries[0], accepted(NOW))], NOW).await.unwrap();

    let leases = store.lease(NOW, FAR, 10).await.unwrap();

    assert_eq!((leases.len(), leases.iter().all(is_clear)), (2, true));
}

async fn what_goes_to_one_alone_stands_with_it(store: &TestStore) {
    promise(store, 1).await;
    let leases = store.lease(NOW, FAR, 10).await.unwrap();
    assert_eq!((leases.len(), leases.iter().all(is_clear)), (1, true));
}

async fn contents(store: &TestStore) -> i64 {
    let mut raw = store.raw().connect().await.unwrap();
    sqlx::query_scalar("SELECT count(*) FROM contents").fetch_one(&mut raw).await.unwrap()
}

#[tokio::test]
async fn what_several_share_stands_once_and_goes_with_the_last_of_them() {
    let store = TestStore::sqlite_in_a_file().await;
    let deliveries = promise(&store, 3).await;
    promise(&store, 1).await;
    assert_eq!(contents(&store).await, 1);
    let end = async |delivery| store.settle(&[settled(delivery, accepted(NOW))], NOW).await.unwrap();
    end(&deliveries[0]).await;
    store.registrations.unsubscribe(deliveries[1].reach.subscription, NOW).await.unwrap();
    assert_eq!(contents(&store).await, 1);

    end(&deliveries[2]).await;

    assert_eq!(contents(&store).await, 0);
}

#[tokio::test]
async fn what_several_share_is_there_after_a_restart_and_counts_the_same() {
    let store = TestStore::sqlite_in_a_file().await;
    let sender = promise(&store, 3).await[0].reach.sender;
    let before = store.outbox.load(sender);

    let store = store.reopen().await;

    assert_eq!(store.outbox.load(sender), before);
    assert_eq!(store.lease(NOW, FAR, 10).await.unwrap().iter().filter(|lease| is_clear(lease)).count(), 3);
}

#[tokio::test]
async fn what_several_share_goes_whatever_ends_them() {
    let store = TestStore::sqlite_in_a_file().await;
    let (suspended, erased, withdrawn) =
        (promise(&store, 2).await, promise(&store, 2).await, promise(&store, 2).await);
    assert_eq!(contents(&store).await, 3);

    store.senders.suspend(suspended[0].reach.sender, &entry("sender.suspend")).await.unwrap();
    assert_eq!(contents(&store).await, 2);
    store.senders.erase(erased[0].reach.sender, &entry("sender.erase")).await.unwrap();
    assert_eq!(contents(&store).await, 1);
    let Delivery { notification: id, reach, .. } = &withdrawn[0];
    let which = CallOff::Notification { sender: reach.sender, id: *id, targets: None };
    store.outbox.call_off(&which, CalledOff::Withdrawn, NOW, NOW).await.unwrap();

    assert_eq!(contents(&store).await, 0);
}

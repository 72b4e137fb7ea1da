//! Sealed registrations: all of one or nothing, and the same bytes once.

use sealpush::base::UnixMillis;
use sealpush::model::{Registration, SecretHash, SenderId};
use sealpush::storage::{Digest, NewSubscription, SealedRegistered};

use super::on_every_engine;
use super::test_store::{
    NOW, TestStore, entry, id, new_subscription, random_token, registration as new_registration,
};

on_every_engine!(
    a_sealed_registration_makes_all_of_it,
    the_same_bytes_are_known_until_their_time_is_over,
    the_same_bytes_of_another_sender_are_others,
    a_taken_subscription_id_leaves_nothing_behind,
    a_taken_registration_id_leaves_nothing_behind,
    the_very_same_registration_takes_a_second_subscription,
    an_erased_sender_registers_nothing_and_leaves_no_digest,
);

const LATER: UnixMillis = UnixMillis(NOW.0 + 1000);

/// What a sealed registration of `sender`'s holds.
fn sealed(sender: SenderId, byte: u8) -> (Registration, NewSubscription, Digest) {
    let registration = new_registration(&random_token());
    let subscription = new_subscription(sender, registration.id);
    (registration, subscription, Digest { sender, sha256: [byte; 32], keep_until: LATER })
}

async fn write(store: &TestStore, sealed: &(Registration, NewSubscription, Digest)) -> SealedRegistered {
    store.registrations.register_sealed(&sealed.0, &sealed.1, &sealed.2).await.unwrap()
}

async fn a_sealed_registration_makes_all_of_it(store: &TestStore) {
    let sealed = sealed(store.sender().await, 1);

    assert_eq!(write(store, &sealed).await, SealedRegistered::Created);

    assert_eq!(store.registrations.registration(sealed.0.id).await.unwrap(), Some(sealed.0));
    let subscription = store.registrations.subscription(sealed.1.id).await.unwrap().unwrap();
    assert_eq!((subscription.registration, subscription.sender), (sealed.1.registration, sealed.1.sender));
}

async fn the_same_bytes_are_known_until_their_time_is_over(store: &TestStore) {
    let sealed = sealed(store.sender().await, 1);
    write(store, &sealed).await;

    assert_eq!(write(store, &sealed).await, SealedRegistered::Known(sealed.1.id));
    let answered = |at| store.registrations.answered(sealed.2.sender, &sealed.2.sha256, at);
    assert_eq!(answered(LATER).await.unwrap(), Some(sealed.1.id));
    assert_eq!(answered(UnixMillis(LATER.0 + 1)).await.unwrap(), None);
    assert_eq!(store.registrations.count().await.unwrap(), (1, 1));
}

async fn the_same_bytes_of_another_sender_are_others(store: &TestStore) {
    let (first, second) = (sealed(store.sender().await, 1), sealed(store.sender().await, 1));
    write(store, &first).await;
    assert_eq!(write(store, &second).await, SealedRegistered::Created);
}

async fn a_taken_subscription_id_leaves_nothing_behind(store: &TestStore) {
    let sender = store.sender().await;
    let (first, mut second) = (sealed(sender, 1), sealed(sender, 2));
    write(store, &first).await;
    second.1.id = first.1.id;

    assert_eq!(write(store, &second).await, SealedRegistered::SubscriptionTaken);

    assert_eq!(store.registrations.count().await.unwrap(), (1, 1));
    assert_eq!(store.registrations.answered(sender, &[2; 32], NOW).await.unwrap(), None);
}

async fn a_taken_registration_id_leaves_nothing_behind(store: &TestStore) {
    let sender = store.sender().await;
    let (first, mut second) = (sealed(sender, 1), sealed(sender, 2));
    write(store, &first).await;
    second.0 = Registration { id: first.0.id, secret_hash: SecretHash([9; 32]), ..second.0 };
    second.1.registration = first.0.id;

    assert_eq!(write(store, &second).await, SealedRegistered::RegistrationTaken);

    assert_eq!(store.registrations.count().await.unwrap(), (1, 1));
}

async fn the_very_same_registration_takes_a_second_subscription(store: &TestStore) {
    let (sender, other) = (store.sender().await, store.sender().await);
    let first = sealed(sender, 1);
    write(store, &first).await;
    let mut second = sealed(other, 2);
    (second.0, second.1.registration) = (first.0.clone(), first.0.id);

    assert_eq!(write(store, &second).await, SealedRegistered::Created);

    assert_eq!(store.registrations.count().await.unwrap(), (1, 2));
}

async fn an_erased_sender_registers_nothing_and_leaves_no_digest(store: &TestStore) {
    let sender = store.sender().await;
    write(store, &sealed(sender, 1)).await;
    assert!(store.senders.erase(sender, &entry("sender.erase")).await.unwrap().is_some());

    assert_eq!(store.registrations.answered(sender, &[1; 32], NOW).await.unwrap(), None);
    assert_eq!(write(store, &sealed(sender, 2)).await, SealedRegistered::NoSender);
    assert_eq!(write(store, &sealed(id(), 3)).await, SealedRegistered::NoSender);
    assert_eq!(store.registrations.count().await.unwrap(), (1, 0));
}

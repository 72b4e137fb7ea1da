//! Subscriptions: a sender's right to reach a registration, and how it does.

use std::slice;

use futures_util::future::join_all;
use sealpush::base::OsEntropy;
use sealpush::model::{Reach, RelayKey, SenderState, Subscription, SubscriptionId};
use sealpush::storage::{Found, NewSubscription, Removed, SetKey, Subscribed};

use super::on_every_engine;
use super::test_store::{NOW, TestStore, entry, id, new_credential, new_subscription, sender};

on_every_engine!(
    a_subscription_is_read_as_it_was_made,
    an_unknown_subscription_is_none,
    a_repeated_subscription_is_the_same,
    an_id_belongs_to_the_first_subscription,
    nobody_subscribes_for_a_sender_that_is_unknown_or_suspended,
    nobody_subscribes_to_an_unknown_registration,
    a_key_is_set_and_removed,
    no_key_is_set_where_there_is_no_subscription,
    an_ended_subscription_reaches_nothing,
    nothing_ends_where_there_is_no_subscription,
    a_sender_reaches_what_it_subscribed_to,
    another_senders_subscription_reaches_nothing,
    answers_come_in_the_order_of_the_questions,
    callers_at_the_same_time_get_their_own_answers,
);

fn relay_key(byte: u8) -> RelayKey {
    sealpush_seal::SubscriptionPrivateKey::from_bytes(&[byte; 32]).public()
}

async fn a_subscription_is_read_as_it_was_made(store: &TestStore) {
    let (sender, registration) = (store.sender().await, store.registration().await.id);
    for relay_key in [None, Some(relay_key(1))] {
        let new = NewSubscription { relay_key, ..new_subscription(sender, registration) };

        assert_eq!(store.registrations.subscribe(&new).await.unwrap(), Subscribed::Created);

        let NewSubscription { id, registration, sender, created_day, relay_key } = new;
        let expected = Subscription { id, registration, sender, created_day, used: false, relay_key };
        assert_eq!(store.registrations.subscription(id).await.unwrap(), Some(expected));
    }
}

async fn an_unknown_subscription_is_none(store: &TestStore) {
    assert_eq!(store.registrations.subscription(id()).await.unwrap(), None);
}

async fn a_repeated_subscription_is_the_same(store: &TestStore) {
    let (sender, registration) = (store.sender().await, store.registration().await.id);
    let new = NewSubscription { relay_key: Some(relay_key(1)), ..new_subscription(sender, registration) };
    store.registrations.subscribe(&new).await.unwrap();

    assert_eq!(store.registrations.subscribe(&new).await.unwrap(), Subscribed::Same);
}

async fn an_id_belongs_to_the_first_subscription(store: &TestStore) {
    let (sender, registration) = (store.sender().await, store.registration().await.id);
    let first = new_subscription(sender, registration);
    store.registrations.subscribe(&first).await.unwrap();
    let others = [
        NewSubscription { sender: store.sender().await, ..first.clone() },
        NewSubscription { registration: store.registration().await.id, ..first.clone() },
        NewSubscription { relay_key: Some(relay_key(1)), ..first.clone() },
    ];

    for other in others {
        assert_eq!(store.registrations.subscribe(&other).await.unwrap(), Subscribed::IdTaken);
    }

    let kept = store.registrations.subscription(first.id).await.unwrap().unwrap();
    assert_eq!((kept.sender, kept.registration, kept.relay_key), (sender, registration, None));
}

async fn nobody_subscribes_for_a_sender_that_is_unknown_or_suspended(store: &TestStore) {
    let registration = store.registration().await.id;
    let mut suspended = sender();
    suspended.state = SenderState::Suspended;
    store.senders.add(&suspended, &new_credential(), &entry("sender.add")).await.unwrap();

    for sender in [id(), suspended.id] {
        let new = new_subscription(sender, registration);
        assert_eq!(store.registrations.subscribe(&new).await.unwrap(), Subscribed::NoSender);
        assert_eq!(store.registrations.subscription(new.id).await.unwrap(), None);
    }
}

async fn nobody_subscribes_to_an_unknown_registration(store: &TestStore) {
    let new = new_subscription(store.sender().await, id());
    assert_eq!(store.registrations.subscribe(&new).await.unwrap(), Subscribed::NoRegistration);
    assert_eq!(store.registrations.subscription(new.id).await.unwrap(), None);
}

async fn a_key_is_set_and_removed(store: &TestStore) {
    let reach = store.reached().await;
    for key in [Some(relay_key(1)), Some(relay_key(2)), None] {
        let set = store.registrations.set_relay_key(reach.subscription, key.as_ref()).await.unwrap();

        assert_eq!(set, SetKey::Done);
        let now = store.reach_of(reach.sender, reach.subscription).await.unwrap();
        assert_eq!(now.relay_key, key);
    }
}

async fn no_key_is_set_where_there_is_no_subscription(store: &TestStore) {
    let set = store.registrations.set_relay_key(id(), Some(&relay_key(1))).await.unwrap();
    assert_eq!(set, SetKey::Missing);
}

async fn an_ended_subscription_reaches_nothing(store: &TestStore) {
    let reach = store.reached().await;

    let removed = store.registrations.unsubscribe(reach.subscription, NOW).await.unwrap();

    let Removed::Done(erased) = removed else { panic!("{removed:?}") };
    assert_eq!(erased.rows.get("subscriptions"), Some(&1), "{erased:?}");
    assert_eq!(store.reach_of(reach.sender, reach.subscription).await, None);
    assert!(store.registrations.registration(reach.registration).await.unwrap().is_some());
}

async fn nothing_ends_where_there_is_no_subscription(store: &TestStore) {
    assert_eq!(store.registrations.unsubscribe(id(), NOW).await.unwrap(), Removed::Missing);
}

async fn a_sender_reaches_what_it_subscribed_to(store: &TestStore) {
    let (sender, registration) = (store.sender().await, store.registration().await);
    let subscription = store.subscription(sender, registration.id).await;

    let reach = store.reach_of(sender, subscription).await;

    let expected = Reach {
        subscription,
        sender,
        registration: registration.id,
        app: registration.app,
        push_service: registration.push_service,
        environment: registration.environment,
        token_kind: registration.token_kind,
        device_token: registration.device_token,
        registered_at: registration.registered_at,
        echoed: false,
        accepted_day: None,
        used: false,
        relay_key: None,
    };
    assert_eq!(reach, Some(expected));
}

async fn another_senders_subscription_reaches_nothing(store: &TestStore) {
    let reach = store.reached().await;
    let other = store.sender().await;
    assert_eq!(store.reach_of(other, reach.subscription).await, None);
}

fn subscription_of(found: &Found) -> Option<SubscriptionId> {
    let Found::Reach(reach) = found else { return None };
    Some(reach.subscription)
}

async fn answers_come_in_the_order_of_the_questions(store: &TestStore) {
    let sender = store.sender().await;
    let mut own = Vec::new();
    for _ in 0..20 {
        own.push(store.reached_by(sender).await.subscription);
    }
    let others = store.reached().await.subscription;
    // The first list goes with other callers' questions, the second is long enough to go alone.
    let few = vec![own[2], id(), own[0], others, own[2]];
    let many = [&few[..], &own[..], &few[..]].concat();

    for asked in [few, many] {
        let reached = store.registrations.reach(sender, &asked).await.unwrap();

        let expected: Vec<_> = asked.iter().map(|id| own.contains(id).then_some(*id)).collect();
        let found: Vec<_> = reached.iter().map(subscription_of).collect();
        assert_eq!(found, expected);
    }
    assert!(store.registrations.reach(sender, &[]).await.unwrap().is_empty());
}

async fn callers_at_the_same_time_get_their_own_answers(store: &TestStore) {
    let (one, two) = (store.reached().await, store.reached().await);
    let mut asked = Vec::new();
    for _ in 0..50 {
        asked.push((one.sender, one.subscription, true));
        asked.push((two.sender, two.subscription, true));
        asked.push((one.sender, two.subscription, false));
        asked.push((one.sender, sealpush::model::Id::random(&OsEntropy), false));
    }

    let answers = asked.iter().map(|(sender, id, _)| store.registrations.reach(*sender, slice::from_ref(id)));
    let answers = join_all(answers).await;

    for ((_, id, reached), answer) in asked.iter().zip(answers) {
        let found = subscription_of(&answer.unwrap()[0]);
        assert_eq!(found, reached.then_some(*id));
    }
}

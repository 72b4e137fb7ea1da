//! What waits ends with the subscription, registration or sender that it waits for, once.

use sealpush::base::UnixMillis;
use sealpush::config::Retention;
use sealpush::model::{
    AuditEntry, Form, Notification, Outcome, Reach, Registration, Settlement, TargetOutcome,
};
use sealpush::privacy::Ends;
use sealpush::storage::{Enqueued, NewSubscription, Settled};

use super::on_every_engine;
use super::outcomes::{accepted, settled};
use super::test_store::{
    NOW, TestStore, app, delivery, entry, id, new_subscription, notification, random_token, registration,
};

on_every_engine!(
    what_waits_ends_with_its_subscription,
    what_waits_ends_with_its_registration,
    what_waits_ends_when_its_sender_is_suspended,
    what_waits_ends_with_its_dead_token,
    what_waits_for_another_subscription_stays,
    a_dead_token_retires_every_registration_that_holds_it,
    a_token_that_was_registered_later_is_not_retired,
    a_token_of_another_app_is_not_retired,
    what_is_promised_for_an_ended_subscription_ends_at_once,
    what_is_promised_by_a_suspended_sender_ends_at_once,
    what_is_promised_by_an_erased_sender_is_not_written,
    what_ended_is_not_settled_again,
    a_leased_delivery_ends_too,
    whatever_ends_is_known_in_memory_until_it_is_made_anew,
);

const LATER: UnixMillis = UnixMillis(NOW.0 + 1_000);

/// A notification that waits for one subscription.
async fn one_waits(store: &TestStore) -> (Reach, Notification) {
    let reach = store.reached().await;
    let notification = notification(reach.sender);
    store.promise(&notification, &[&delivery(&notification, &reach)]).await;
    (reach, notification)
}

fn ended(reach: &Reach, at: UnixMillis) -> TargetOutcome {
    TargetOutcome {
        subscription: reach.subscription,
        form: Some(Form::Omitted),
        outcome: Outcome::subscription_ended(),
        at: at.day().begins(),
    }
}

/// It ended once, at `at`, and nothing of it waits.
async fn assert_ended(store: &TestStore, reach: &Reach, notification: &Notification, at: UnixMillis) {
    let known = store.outbox.known(reach.sender, notification.id).await.unwrap().unwrap();
    assert_eq!(known.decided, [ended(reach, at)]);
    assert_eq!(known.pending, []);
    assert_eq!(store.depth().await.unwrap(), (0, None));
    assert!(store.lease(LATER, LATER, 10).await.unwrap().is_empty());
}

async fn what_waits_ends_with_its_subscription(store: &TestStore) {
    let (reach, notification) = one_waits(store).await;
    store.registrations.unsubscribe(reach.subscription, LATER).await.unwrap();
    assert_ended(store, &reach, &notification, LATER).await;
}

async fn what_waits_ends_with_its_registration(store: &TestStore) {
    let (reach, notification) = one_waits(store).await;
    store.registrations.unregister(reach.registration, LATER).await.unwrap();
    assert_ended(store, &reach, &notification, LATER).await;
}

async fn what_waits_ends_when_its_sender_is_suspended(store: &TestStore) {
    let (reach, notification) = one_waits(store).await;
    let suspend = AuditEntry { at: LATER, ..entry("sender.suspend") };

    store.senders.suspend(reach.sender, &suspend).await.unwrap();

    assert_ended(store, &reach, &notification, LATER).await;
    store.senders.resume(reach.sender, &entry("sender.resume")).await.unwrap();
    assert_ended(store, &reach, &notification, LATER).await;
    assert!(store.reach_of(reach.sender, reach.subscription).await.is_some());
}

async fn what_waits_ends_with_its_dead_token(store: &TestStore) {
    let (reach, notification) = one_waits(store).await;

    let retired = store.retire(&app(), &reach.device_token, None, LATER).await.unwrap();

    assert_eq!(retired, 1);
    assert_ended(store, &reach, &notification, LATER).await;
}

async fn whatever_ends_is_known_in_memory_until_it_is_made_anew(store: &TestStore) {
    let [one, two, three, four, stays] = [
        store.reached().await,
        store.reached().await,
        store.reached().await,
        store.reached().await,
        store.reached().await,
    ];
    let registered = store.registrations.registration(two.registration).await.unwrap().unwrap();
    store.registrations.unsubscribe(one.subscription, NOW).await.unwrap();
    store.registrations.unregister(two.registration, NOW).await.unwrap();
    store.retire(&app(), &three.device_token, None, NOW).await.unwrap();
    let has_ended = |reach| store.registrations.has_ended(reach);
    assert!([&one, &two, &three].into_iter().all(has_ended));
    assert!(![&four, &stays].into_iter().any(has_ended));

    let again = NewSubscription { id: one.subscription, ..new_subscription(one.sender, one.registration) };
    store.registrations.subscribe(&again).await.unwrap();
    store.registrations.register(&registered).await.unwrap();
    assert!(!has_ended(&one) && !has_ended(&two));

    let ends = Ends::at(UnixMillis(NOW.0 + 100 * 86_400_000), &Retention::default());
    store.retention.end_subscriptions(None, 10, &ends, NOW).await.unwrap();
    assert!([&one, &four, &stays].into_iter().all(has_ended));
}

async fn what_waits_for_another_subscription_stays(store: &TestStore) {
    let one = store.reached().await;
    let two = store.reached_by(one.sender).await;
    let notification = notification(one.sender);
    let deliveries = [delivery(&notification, &one), delivery(&notification, &two)];
    store.promise(&notification, &deliveries.each_ref()).await;

    store.registrations.unsubscribe(one.subscription, LATER).await.unwrap();

    let known = store.outbox.known(one.sender, notification.id).await.unwrap().unwrap();
    assert_eq!(known.decided, [ended(&one, LATER)]);
    assert_eq!(known.pending, [(two.subscription, Form::Omitted)]);
}

async fn a_dead_token_retires_every_registration_that_holds_it(store: &TestStore) {
    let token = random_token();
    for _ in 0..3 {
        store.registrations.register(&registration(&token)).await.unwrap();
    }
    store.registration().await;

    assert_eq!(store.retire(&app(), &token, None, NOW).await.unwrap(), 3);

    assert_eq!(store.registrations.count().await.unwrap(), (1, 0));
    assert_eq!(store.retire(&app(), &token, None, NOW).await.unwrap(), 0);
}

async fn a_token_that_was_registered_later_is_not_retired(store: &TestStore) {
    let token = random_token();
    let mut registrations = Vec::new();
    for millis in [-1, 0, 1] {
        let registered_at = UnixMillis(NOW.0 + millis);
        let registration = Registration { registered_at, ..registration(&token) };
        store.registrations.register(&registration).await.unwrap();
        registrations.push(registration.id);
    }

    assert_eq!(store.retire(&app(), &token, Some(NOW), LATER).await.unwrap(), 2);

    assert!(store.registrations.registration(registrations[2]).await.unwrap().is_some());
}

async fn a_token_of_another_app_is_not_retired(store: &TestStore) {
    let registration = store.registration().await;
    let other = "other".parse().unwrap();

    let retired = store.retire(&other, &registration.device_token, None, NOW).await.unwrap();

    assert_eq!(retired, 0);
    assert!(store.registrations.registration(registration.id).await.unwrap().is_some());
}

async fn what_is_promised_for_an_ended_subscription_ends_at_once(store: &TestStore) {
    let one = store.reached().await;
    let two = store.reached_by(one.sender).await;
    let notification = notification(one.sender);
    store.registrations.unsubscribe(one.subscription, NOW).await.unwrap();

    let deliveries = [delivery(&notification, &one), delivery(&notification, &two)];
    let enqueued = store.promise(&notification, &deliveries.each_ref()).await;
    assert_eq!(enqueued, Enqueued::Done { ended: vec![one.subscription] });

    let known = store.outbox.known(one.sender, notification.id).await.unwrap().unwrap();
    assert_eq!(known.decided, [ended(&one, notification.accepted_at)]);
    assert_eq!(known.pending, [(two.subscription, Form::Omitted)]);
}

async fn what_is_promised_by_a_suspended_sender_ends_at_once(store: &TestStore) {
    let reach = store.reached().await;
    let notification = notification(reach.sender);
    store.senders.suspend(reach.sender, &entry("sender.suspend")).await.unwrap();

    let enqueued = store.promise(&notification, &[&delivery(&notification, &reach)]).await;

    assert_eq!(enqueued, Enqueued::Done { ended: vec![reach.subscription] });
    assert_ended(store, &reach, &notification, notification.accepted_at).await;
}

async fn what_is_promised_by_an_erased_sender_is_not_written(store: &TestStore) {
    let reach = store.reached().await;
    let notification = notification(reach.sender);
    store.senders.erase(reach.sender, &entry("sender.erase")).await.unwrap();

    let enqueued = store.promise(&notification, &[&delivery(&notification, &reach)]).await;

    assert_eq!(enqueued, Enqueued::Done { ended: vec![reach.subscription] });
    assert_eq!(store.outbox.known(reach.sender, notification.id).await.unwrap(), None);
    assert_eq!(store.depth().await.unwrap(), (0, None));
}

async fn what_ended_is_not_settled_again(store: &TestStore) {
    let reach = store.reached().await;
    let notification = notification(reach.sender);
    let delivery = delivery(&notification, &reach);
    store.promise(&notification, &[&delivery]).await;
    store.registrations.unsubscribe(reach.subscription, LATER).await.unwrap();

    store.settle(&[settled(&delivery, accepted(LATER))], UnixMillis(0)).await.unwrap();
    let again = Settlement::Postponed { due: NOW, attempts: 1, answers_lost: 0 };
    store.settle(&[settled(&delivery, again)], UnixMillis(0)).await.unwrap();
    let unknown = Settled { delivery: id(), ..settled(&delivery, accepted(LATER)) };
    store.settle(&[unknown], UnixMillis(0)).await.unwrap();

    assert_ended(store, &reach, &notification, LATER).await;
}

async fn a_leased_delivery_ends_too(store: &TestStore) {
    let (reach, notification) = one_waits(store).await;
    store.lease(NOW, LATER, 1).await.unwrap();

    store.registrations.unsubscribe(reach.subscription, LATER).await.unwrap();

    assert_ended(store, &reach, &notification, LATER).await;
}

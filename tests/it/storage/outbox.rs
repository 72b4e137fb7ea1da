//! What is promised, and how it is leased.

use std::time::Duration;

use futures_util::future::join_all;
use sealpush::base::UnixMillis;
use sealpush::model::{
    Badge, CollapseHash, Delivery, DeliveryId, DeliveryOptions, Envelope, Form, Kind, Notification, Outcome,
    Payload, Reach, Reason, TargetOutcome, Ttl, Urgency,
};
use sealpush::storage::{Enqueued, Promise, StorageError, Waiting};

use super::on_every_engine;
use super::test_store::{DONE, NOW, TestStore, delivery, id, notification, waiting};

on_every_engine!(
    a_delivery_is_leased_as_it_was_promised,
    every_kind_and_urgency_survives,
    an_envelope_survives_byte_by_byte,
    what_was_decided_before_the_promise_is_known,
    a_notification_is_promised_once,
    of_two_promises_with_one_id_at_the_same_time_one_is_kept,
    many_promises_at_the_same_time_are_all_kept,
    a_promise_to_a_thousand_targets_is_kept,
    a_promise_that_names_a_delivery_twice_is_refused,
    what_is_born_leased_is_not_leased_again_before_its_time,
    nothing_is_leased_before_it_is_due,
    the_urgent_are_leased_first_and_then_the_longest_due,
    no_more_is_leased_than_asked_for,
    what_is_leased_is_leased_again_when_the_lease_ran_out,
    what_expired_is_leased_before_it_is_due,
    released_leases_are_free,
    a_lease_reaches_the_token_of_now,
    the_depth_tells_the_oldest,
);

const FAR: UnixMillis = UnixMillis(NOW.0 + 600_000);

fn after(millis: i64) -> UnixMillis {
    UnixMillis(NOW.0 + millis)
}

async fn leased(store: &TestStore, now: UnixMillis, limit: u32) -> Vec<DeliveryId> {
    let leases = store.lease(now, FAR, limit).await.unwrap();
    leases.iter().map(|lease| lease.delivery.id).collect()
}

async fn promise_one(store: &TestStore, notification: &Notification, waiting: Waiting<'_>) -> Enqueued {
    let promise = Promise { notification, decided: &[], waiting: &[waiting], replaces: true };
    store.outbox.promise(&promise).await.unwrap()
}

/// A notification of its own for `reach`, and its delivery.
fn one(reach: &Reach) -> (Notification, Delivery) {
    let notification = notification(reach.sender);
    let delivery = delivery(&notification, reach);
    (notification, delivery)
}

fn envelope(delivery: DeliveryId, size: usize) -> Envelope {
    let bytes: Vec<u8> = [1, 1]
        .into_iter()
        .chain(*delivery.as_bytes())
        .chain((0_u8..=255).cycle().take(32 + size + 16))
        .collect();
    Envelope::from_bytes(bytes).unwrap()
}

async fn a_delivery_is_leased_as_it_was_promised(store: &TestStore) {
    let reach = store.reached().await;
    let (notification, mut delivery) = one(&reach);
    delivery.payload = Payload::Omitted { reference: Some("r-1".parse().unwrap()) };
    delivery.options.ttl = Ttl::from_seconds(77).unwrap();
    (delivery.badge, delivery.sound) = (Some(Badge(u32::MAX)), Some("ping.caf".parse().unwrap()));
    delivery.collapse = Some(CollapseHash([4; 24]));
    let waiting = Waiting { attempts: 2, answers_lost: 1, ..waiting(&delivery) };
    assert_eq!(promise_one(store, &notification, waiting).await, DONE);

    let leases = store.lease(NOW, FAR, 10).await.unwrap();

    assert_eq!((leases.len(), leases[0].attempts, leases[0].answers_lost), (1, 2, 1));
    assert!(leases[0].ticket.is_none());
    let found = &leases[0].delivery;
    assert_eq!((found.id, found.notification), (delivery.id, notification.id));
    assert_eq!((&found.reach, &found.options), (&reach, &delivery.options));
    assert_eq!(
        (found.collapse, found.badge, &found.sound),
        (delivery.collapse, delivery.badge, &delivery.sound)
    );
    assert_eq!(found.accepted_at, delivery.accepted_at);
    let Payload::Omitted { reference: Some(reference) } = &found.payload else { panic!("{found:?}") };
    assert_eq!(reference.as_str(), "r-1");
}

async fn every_kind_and_urgency_survives(store: &TestStore) {
    let reach = store.reached().await;
    for kind in Kind::ALL {
        for urgency in Urgency::ALL {
            let (notification, mut delivery) = one(&reach);
            delivery.options = DeliveryOptions { kind, urgency, ttl: Ttl::from_seconds(0).unwrap() };
            delivery.payload = Payload::Omitted { reference: None };
            store.promise(&notification, &[&delivery]).await;

            let leases = store.lease(NOW, FAR, 10).await.unwrap();

            let found = &leases[0].delivery;
            assert_eq!((&found.options, found.collapse), (&delivery.options, None));
            assert!(matches!(found.payload, Payload::Omitted { reference: None }));
        }
    }
}

async fn an_envelope_survives_byte_by_byte(store: &TestStore) {
    let reach = store.reached().await;
    for (size, by_relay, form) in [
        (256, false, Form::SealedBySender),
        (512, true, Form::SealedByRelay),
        (2688, false, Form::SealedBySender),
    ] {
        let (notification, mut delivery) = one(&reach);
        delivery.payload = Payload::Sealed { envelope: envelope(delivery.id, size), by_relay };
        store.promise(&notification, &[&delivery]).await;

        let known = store.outbox.known(reach.sender, notification.id).await.unwrap().unwrap();
        let leases = store.lease(NOW, FAR, 10).await.unwrap();

        assert_eq!(known.pending, [(reach.subscription, form)]);
        let Payload::Sealed { envelope: found, by_relay: by } = &leases[0].delivery.payload else { panic!() };
        assert_eq!(found.as_bytes(), envelope(delivery.id, size).as_bytes());
        assert_eq!(*by, by_relay);
    }
}

async fn what_was_decided_before_the_promise_is_known(store: &TestStore) {
    let reach = store.reached().await;
    let (notification, delivery) = one(&reach);
    let decided = TargetOutcome {
        subscription: id(),
        form: None,
        outcome: Outcome::Rejected(Reason::ours("unknown_subscription")),
        at: NOW,
    };
    let (decided, waiting) = ([decided], [waiting(&delivery)]);
    let promise =
        Promise { notification: &notification, decided: &decided, waiting: &waiting, replaces: true };

    store.outbox.promise(&promise).await.unwrap();

    let known = store.outbox.known(reach.sender, notification.id).await.unwrap().unwrap();
    assert_eq!(known.decided, decided);
    assert_eq!(known.pending, [(reach.subscription, Form::Omitted)]);
}

async fn a_notification_is_promised_once(store: &TestStore) {
    let reach = store.reached().await;
    let (notification, first) = one(&reach);
    let second = delivery(&notification, &reach);

    assert_eq!(store.promise(&notification, &[&first]).await, DONE);
    assert_eq!(store.promise(&notification, &[&second]).await, Enqueued::Exists);

    assert_eq!(leased(store, NOW, 10).await, [first.id]);
}

async fn of_two_promises_with_one_id_at_the_same_time_one_is_kept(store: &TestStore) {
    let reach = store.reached().await;
    let notification = notification(reach.sender);
    let deliveries: Vec<_> = (0..10).map(|_| delivery(&notification, &reach)).collect();

    let promises = deliveries.iter().map(async |delivery| store.promise(&notification, &[delivery]).await);
    let enqueued = join_all(promises).await;

    assert_eq!(enqueued.iter().filter(|enqueued| **enqueued == DONE).count(), 1);
    let kept = enqueued.iter().position(|enqueued| *enqueued == DONE).unwrap();
    assert_eq!(leased(store, NOW, 10).await, [deliveries[kept].id]);
}

async fn many_promises_at_the_same_time_are_all_kept(store: &TestStore) {
    let reach = store.reached().await;
    let all: Vec<_> = (0..100).map(|_| one(&reach)).collect();

    let promises =
        all.iter().map(async |(notification, delivery)| store.promise(notification, &[delivery]).await);
    let enqueued = join_all(promises).await;

    assert!(enqueued.iter().all(|enqueued| *enqueued == DONE));
    let mut found = leased(store, NOW, 1000).await;
    let mut expected: Vec<_> = all.iter().map(|(_, delivery)| delivery.id).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

async fn a_promise_to_a_thousand_targets_is_kept(store: &TestStore) {
    let reach = store.reached().await;
    let notification = notification(reach.sender);
    let deliveries: Vec<_> = (0..1000).map(|_| delivery(&notification, &reach)).collect();

    store.promise(&notification, &deliveries.iter().collect::<Vec<_>>()).await;

    assert_eq!(store.depth().await.unwrap(), (1000, Some(NOW)));
    assert_eq!(leased(store, NOW, 2000).await.len(), 1000);
}

async fn a_promise_that_names_a_delivery_twice_is_refused(store: &TestStore) {
    let reach = store.reached().await;
    let (notification, delivery) = one(&reach);
    let waiting = [waiting(&delivery), waiting(&delivery)];
    let promise = Promise { notification: &notification, decided: &[], waiting: &waiting, replaces: true };

    let error = store.outbox.promise(&promise).await.unwrap_err();

    assert!(matches!(error, StorageError::Engine(_)));
    assert_eq!(store.outbox.known(reach.sender, notification.id).await.unwrap(), None);
}

async fn what_is_born_leased_is_not_leased_again_before_its_time(store: &TestStore) {
    let reach = store.reached().await;
    let (notification, delivery) = one(&reach);
    promise_one(store, &notification, Waiting { leased_until: Some(after(10)), ..waiting(&delivery) }).await;

    assert_eq!(leased(store, after(9), 10).await, []);
    assert_eq!(leased(store, after(10), 10).await, [delivery.id]);
}

async fn nothing_is_leased_before_it_is_due(store: &TestStore) {
    let reach = store.reached().await;
    let (notification, delivery) = one(&reach);
    promise_one(store, &notification, Waiting { due: after(10), ..waiting(&delivery) }).await;

    assert_eq!(leased(store, after(9), 10).await, []);
    assert_eq!(leased(store, after(10), 10).await, [delivery.id]);
}

async fn the_urgent_are_leased_first_and_then_the_longest_due(store: &TestStore) {
    let reach = store.reached().await;
    let mut expected = Vec::new();
    for (urgency, due) in [
        (Urgency::High, after(1)),
        (Urgency::High, after(2)),
        (Urgency::Normal, after(0)),
        (Urgency::Low, after(3)),
        (Urgency::VeryLow, after(0)),
        (Urgency::VeryLow, after(1)),
    ] {
        let (notification, mut delivery) = one(&reach);
        delivery.options.urgency = urgency;
        expected.push((notification, delivery, due));
    }
    for (notification, delivery, due) in expected.iter().rev() {
        promise_one(store, notification, Waiting { due: *due, ..waiting(delivery) }).await;
    }

    let mut found = leased(store, after(5), 4).await;
    found.extend(leased(store, after(5), 4).await);

    let expected: Vec<_> = expected.iter().map(|(_, delivery, _)| delivery.id).collect();
    assert_eq!(found, expected);
}

async fn no_more_is_leased_than_asked_for(store: &TestStore) {
    let reach = store.reached().await;
    for _ in 0..3 {
        let (notification, delivery) = one(&reach);
        store.promise(&notification, &[&delivery]).await;
    }

    let counts = [
        leased(store, NOW, 0).await.len(),
        leased(store, NOW, 2).await.len(),
        leased(store, NOW, 2).await.len(),
    ];

    assert_eq!(counts, [0, 2, 1]);
}

async fn what_is_leased_is_leased_again_when_the_lease_ran_out(store: &TestStore) {
    let reach = store.reached().await;
    let (notification, delivery) = one(&reach);
    store.promise(&notification, &[&delivery]).await;

    assert_eq!(leased(store, NOW, 10).await, [delivery.id]);
    assert_eq!(leased(store, UnixMillis(FAR.0 - 1), 10).await, []);
    assert_eq!(leased(store, FAR, 10).await, [delivery.id]);
}

async fn what_expired_is_leased_before_it_is_due(store: &TestStore) {
    let reach = store.reached().await;
    let (notification, mut delivery) = one(&reach);
    delivery.options.ttl = Ttl::from_seconds(1).unwrap();
    let due = NOW.plus(Duration::from_mins(1));
    promise_one(store, &notification, Waiting { due, ..waiting(&delivery) }).await;

    assert_eq!(leased(store, after(999), 10).await, []);
    assert_eq!(leased(store, after(1000), 10).await, [delivery.id]);
}

async fn released_leases_are_free(store: &TestStore) {
    let reach = store.reached().await;
    for _ in 0..2 {
        let (notification, delivery) = one(&reach);
        store.promise(&notification, &[&delivery]).await;
    }
    leased(store, NOW, 10).await;

    assert_eq!(store.outbox.release_all().await.unwrap(), 2);

    assert_eq!(leased(store, NOW, 10).await.len(), 2);
    store.outbox.release_all().await.unwrap();
    assert_eq!(store.outbox.release_all().await.unwrap(), 0);
}

async fn a_lease_reaches_the_token_of_now(store: &TestStore) {
    let reach = store.reached().await;
    let (notification, delivery) = one(&reach);
    store.promise(&notification, &[&delivery]).await;
    let token = super::test_store::random_token();
    let (environment, kind) = (reach.environment, reach.token_kind);
    store.registrations.replace_token(reach.registration, &token, environment, kind, after(5)).await.unwrap();

    let leases = store.lease(NOW, FAR, 10).await.unwrap();

    assert_eq!(leases[0].delivery.reach.device_token, token);
    assert_eq!(leases[0].delivery.reach.registered_at, after(5));
}

async fn the_depth_tells_the_oldest(store: &TestStore) {
    assert_eq!(store.depth().await.unwrap(), (0, None));
    let reach = store.reached().await;
    for millis in [3, 5, 4] {
        let mut notification = notification(reach.sender);
        notification.accepted_at = after(millis);
        store.promise(&notification, &[&delivery(&notification, &reach)]).await;
    }
    assert_eq!(store.depth().await.unwrap(), (3, Some(after(3))));
}

//! What waits is leased lane by lane: one for each sender and way to a push service.

use std::time::Duration;

use sealpush::base::UnixMillis;
use sealpush::model::{
    Delivery, DeviceToken, Environment, PushService, PushWay, Reach, SenderId, TokenKind, Ttl,
};
use sealpush::storage::{Lane, LaneShare, Promise, Replaced, Used, Waiting};

use super::on_every_engine;
use super::test_store::{
    DONE, NOW, TestStore, app, delivery, notification, random_token, registration, waiting,
};

on_every_engine!(
    a_lane_is_there_while_something_waits_in_it,
    of_each_lane_the_first_comes_before_the_second_of_any,
    a_lane_gives_no_more_than_its_share,
    of_a_way_that_one_may_try_one_is_leased_whoever_waits,
    what_came_to_its_end_is_not_the_one_that_may_try,
    what_came_to_its_end_leaves_room_for_what_can_be_sent,
    what_waits_stands_in_the_lane_of_the_way_that_leads_there_now,
    a_lane_that_is_not_asked_gives_what_has_come_to_its_end_and_nothing_else,
    what_waits_moves_with_a_token_that_is_replaced,
    what_waits_moves_with_a_registration_that_is_made_again,
    what_waits_moves_with_an_environment_that_was_found,
    what_is_due_later_is_brought_forward,
);

const FAR: UnixMillis = UnixMillis(NOW.0 + 600_000);

/// `count` deliveries wait for `reach`.
async fn wait_for(store: &TestStore, reach: &Reach, count: usize) -> Vec<Delivery> {
    let mut deliveries = Vec::new();
    for _ in 0..count {
        let notification = notification(reach.sender);
        let delivery = delivery(&notification, reach);
        assert_eq!(store.promise(&notification, &[&delivery]).await, DONE);
        deliveries.push(delivery);
    }
    deliveries
}

fn lane(reach: &Reach) -> Lane {
    Lane { sender: reach.sender, way: reach.way() }
}

fn share(reach: &Reach, most: u32) -> LaneShare {
    LaneShare { lane: lane(reach), most, one_of_way: false }
}

async fn senders(store: &TestStore, shares: &[LaneShare], limit: u32) -> Vec<SenderId> {
    let leases = store.outbox.lease(shares, NOW, FAR, limit).await.unwrap();
    leases.iter().map(|lease| lease.delivery.reach.sender).collect()
}

async fn a_lane_is_there_while_something_waits_in_it(store: &TestStore) {
    let (one, other) = (store.reached().await, store.reached().await);
    assert_eq!(store.outbox.lanes(), []);
    wait_for(store, &one, 2).await;
    wait_for(store, &other, 1).await;
    let mut lanes = vec![lane(&one), lane(&other)];
    lanes.sort();
    assert_eq!(store.outbox.lanes(), lanes);

    store.registrations.unsubscribe(other.subscription, NOW).await.unwrap();

    assert_eq!(store.outbox.lanes(), [lane(&one)]);
}

async fn of_each_lane_the_first_comes_before_the_second_of_any(store: &TestStore) {
    let (flood, other) = (store.reached().await, store.reached().await);
    wait_for(store, &flood, 50).await;
    wait_for(store, &other, 3).await;
    let shares = [&flood, &other].map(|reach| share(reach, 100));

    let leased = senders(store, &shares, 8).await;

    assert_eq!(leased.iter().filter(|sender| **sender == other.sender).count(), 3);
    assert!(leased[..6].contains(&other.sender) && leased.len() == 8);
}

async fn a_lane_gives_no_more_than_its_share(store: &TestStore) {
    let (one, other) = (store.reached().await, store.reached().await);
    wait_for(store, &one, 5).await;
    wait_for(store, &other, 5).await;
    let shares = [(&one, 1), (&other, 4)].map(|(reach, most)| share(reach, most));

    let leased = senders(store, &shares, 100).await;

    assert_eq!(leased.iter().filter(|sender| **sender == one.sender).count(), 1);
    assert_eq!(leased.len(), 5);
}

async fn of_a_way_that_one_may_try_one_is_leased_whoever_waits(store: &TestStore) {
    let reaches = [store.reached().await, store.reached().await, store.reached().await];
    for reach in &reaches {
        wait_for(store, reach, 3).await;
    }
    let shares: Vec<_> =
        reaches.iter().map(|reach| LaneShare { one_of_way: true, ..share(reach, 1) }).collect();

    assert_eq!(senders(store, &shares, 100).await.len(), 1);
}

async fn what_came_to_its_end_is_not_the_one_that_may_try(store: &TestStore) {
    let (reach, other) = (store.reached().await, store.reached().await);
    let notification = notification(reach.sender);
    let mut ended = delivery(&notification, &reach);
    ended.options.ttl = Ttl::from_seconds(60).unwrap();
    store.promise(&notification, &[&ended]).await;
    wait_for(store, &other, 1).await;
    let shares = [&reach, &other].map(|reach| LaneShare { one_of_way: true, ..share(reach, 1) });

    let leases = store.outbox.lease(&shares, UnixMillis(NOW.0 + 61_000), FAR, 10).await.unwrap();

    assert_eq!(leases.len(), 2);
}

async fn what_came_to_its_end_leaves_room_for_what_can_be_sent(store: &TestStore) {
    let (reach, other) = (store.reached().await, store.reached().await);
    let later = UnixMillis(NOW.0 + 61_000);
    for _ in 0..8 {
        let notification = notification(reach.sender);
        let mut ended = delivery(&notification, &reach);
        ended.options.ttl = Ttl::from_seconds(60).unwrap();
        store.promise(&notification, &[&ended]).await;
    }
    wait_for(store, &other, 8).await;
    let shares = [share(&reach, 100), share(&other, 100)];

    let leases = store.outbox.lease(&shares, later, FAR, 8).await.unwrap();

    let sent = leases.iter().filter(|lease| !lease.delivery.too_late(later)).count();
    assert_eq!((leases.len(), sent >= 2), (8, true), "{sent}");
}

async fn what_waits_stands_in_the_lane_of_the_way_that_leads_there_now(store: &TestStore) {
    let reach = store.reached().await;
    let token = DeviceToken::parse(PushService::Fcm, "a-token-of-another-push-service").unwrap();
    store
        .registrations
        .replace_token(reach.registration, &token, None, TokenKind::Standard, NOW)
        .await
        .unwrap();

    wait_for(store, &reach, 1).await;

    let now = store.reach_of(reach.sender, reach.subscription).await.unwrap();
    assert_eq!(store.outbox.lanes(), [lane(&now)]);
}

async fn a_lane_that_is_not_asked_gives_what_has_come_to_its_end_and_nothing_else(store: &TestStore) {
    let reach = store.reached().await;
    wait_for(store, &reach, 2).await;
    let notification = notification(reach.sender);
    let mut ended = delivery(&notification, &reach);
    ended.options.ttl = Ttl::from_seconds(60).unwrap();
    // It is held for longer than it lives.
    let waiting = [Waiting { due: FAR, ..waiting(&ended) }];
    let promise = Promise { notification: &notification, decided: &[], waiting: &waiting, replaces: false };
    store.outbox.promise(&promise).await.unwrap();
    assert_eq!(store.outbox.lease(&[], NOW, FAR, 10).await.unwrap().len(), 0);

    let leases = store.outbox.lease(&[], ended.deadline(), FAR, 10).await.unwrap();

    assert_eq!(leases.iter().map(|lease| lease.delivery.id).collect::<Vec<_>>(), [ended.id]);
}

async fn what_waits_moves_with_a_token_that_is_replaced(store: &TestStore) {
    let reach = store.reached().await;
    wait_for(store, &reach, 2).await;
    let token = DeviceToken::parse(PushService::Fcm, "a-token-of-another-push-service").unwrap();
    let replaced =
        store.registrations.replace_token(reach.registration, &token, None, TokenKind::Standard, NOW).await;
    assert_eq!(replaced.unwrap(), Replaced::Done);

    let way = PushWay { app: app(), push_service: PushService::Fcm, environment: None };
    let moved = Lane { sender: reach.sender, way };
    assert_eq!(store.outbox.lanes(), std::slice::from_ref(&moved));
    assert_eq!(senders(store, &[LaneShare { lane: moved, most: 10, one_of_way: false }], 10).await.len(), 2);
    assert_eq!(store.outbox.load(reach.sender).0.deliveries, 2);
}

async fn what_waits_moves_with_a_registration_that_is_made_again(store: &TestStore) {
    let (sender, mut registration) = (store.sender().await, registration(&random_token()));
    store.registrations.register(&registration).await.unwrap();
    let subscription = store.subscription(sender, registration.id).await;
    wait_for(store, &store.reach_of(sender, subscription).await.unwrap(), 1).await;

    registration.environment = Some(Environment::Sandbox);
    store.registrations.register(&registration).await.unwrap();

    let reach = store.reach_of(sender, subscription).await.unwrap();
    assert_eq!(reach.environment, Some(Environment::Sandbox));
    assert_eq!(store.outbox.lanes(), [lane(&reach)]);
}

async fn what_waits_moves_with_an_environment_that_was_found(store: &TestStore) {
    let reach = store.reached().await;
    wait_for(store, &reach, 3).await;
    let found = Used {
        subscription: reach.subscription,
        registration: reach.registration,
        day: NOW.day(),
        environment: Some(Environment::Sandbox),
        registered_at: reach.registered_at,
    };

    store.used(&[found]).await.unwrap();

    let now = store.reach_of(reach.sender, reach.subscription).await.unwrap();
    assert_eq!((now.environment, store.outbox.lanes()), (Some(Environment::Sandbox), vec![lane(&now)]));
    let (own, all) = store.outbox.load(reach.sender);
    assert_eq!((own.deliveries, own), (3, all));
}

async fn what_is_due_later_is_brought_forward(store: &TestStore) {
    let reach = store.reached().await;
    let notification = notification(reach.sender);
    let delivery = delivery(&notification, &reach);
    let waiting = [Waiting { due: UnixMillis(NOW.0 + 60_000), ..waiting(&delivery) }];
    let promise = Promise { notification: &notification, decided: &[], waiting: &waiting, replaces: false };
    store.outbox.promise(&promise).await.unwrap();

    store.outbox.bring_forward(NOW, Duration::from_secs(50)).await.unwrap();

    assert!(store.lease(UnixMillis(NOW.0 + 9_999), FAR, 10).await.unwrap().is_empty());
    assert_eq!(store.lease(UnixMillis(NOW.0 + 10_000), FAR, 10).await.unwrap().len(), 1);
}

//! What senders are told of subscriptions that ended.

use futures_util::FutureExt;
use sealpush::base::{Day, UnixMillis};
use sealpush::config::Retention;
use sealpush::model::{FeedbackCursor, FeedbackEntry, Reach, SenderId, SubscriptionEnd};
use sealpush::privacy::Ends;

use super::on_every_engine;
use super::test_store::{NOW, TestStore, app, entry};

on_every_engine!(
    each_way_in_which_a_subscription_ends_is_told,
    a_sender_is_told_of_its_own_alone,
    entries_come_in_order_and_in_pages,
    what_is_acknowledged_is_erased,
    a_cursor_that_is_not_kept_any_more_skips_nothing,
    another_senders_cursor_erases_nothing,
    what_nobody_acknowledged_is_forgotten,
    an_erased_sender_leaves_no_feedback,
    the_bell_rings_for_the_sender_whose_subscription_ended,
    what_was_not_there_to_be_removed_is_not_told,
);

async fn entries(store: &TestStore, sender: SenderId, after: Option<FeedbackCursor>) -> Vec<FeedbackEntry> {
    store.feedback.entries(sender, after, 100).await.unwrap()
}

async fn remove(store: &TestStore, reach: &Reach) {
    store.registrations.unsubscribe(reach.subscription, NOW).await.unwrap();
}

/// A sender of which so many subscriptions were removed, and what it is told.
async fn told(store: &TestStore, count: usize) -> (SenderId, Vec<FeedbackEntry>) {
    let sender = store.sender().await;
    for _ in 0..count {
        remove(store, &store.reached_by(sender).await).await;
    }
    (sender, entries(store, sender, None).await)
}

async fn each_way_in_which_a_subscription_ends_is_told(store: &TestStore) {
    let sender = store.sender().await;
    let mut reaches = Vec::new();
    for _ in 0..5 {
        reaches.push(store.reached_by(sender).await);
    }
    remove(store, &reaches[0]).await;
    store.registrations.unregister(reaches[1].registration, NOW).await.unwrap();
    store.retire(&app(), &reaches[2].device_token, None, NOW).await.unwrap();
    // Day 20,000 was in October 2024: of what was never used a subscription ends first, then its registration.
    let ends = Ends::at(NOW, &Retention::default());
    store.retention.end_subscriptions(None, 10, &ends, NOW).await.unwrap();

    let told = entries(store, sender, None).await;

    let expected = [
        (reaches[0].subscription, SubscriptionEnd::Removed),
        (reaches[1].subscription, SubscriptionEnd::Removed),
        (reaches[2].subscription, SubscriptionEnd::Unregistered),
    ];
    let pairs: Vec<_> = told.iter().map(|entry| (entry.subscription, entry.end)).collect();
    assert_eq!(pairs[..3], expected);
    assert_eq!(
        (pairs.len(), pairs[3].1, pairs[4].1),
        (5, SubscriptionEnd::Expired, SubscriptionEnd::Expired)
    );
    assert!(told.iter().all(|entry| entry.day == NOW.day()));
}

async fn a_sender_is_told_of_its_own_alone(store: &TestStore) {
    let (one, other) = (store.reached().await, store.sender().await);
    let theirs = store.subscription(other, one.registration).await;

    store.registrations.unregister(one.registration, NOW).await.unwrap();

    let told = [entries(store, one.sender, None).await, entries(store, other, None).await];
    let subscriptions = told.map(|told| told.iter().map(|entry| entry.subscription).collect::<Vec<_>>());
    assert_eq!(subscriptions, [vec![one.subscription], vec![theirs]]);
}

async fn entries_come_in_order_and_in_pages(store: &TestStore) {
    let (sender, all) = told(store, 5).await;

    let first = store.feedback.entries(sender, None, 2).await.unwrap();
    let second = store.feedback.entries(sender, Some(first[1].cursor), 2).await.unwrap();
    let third = store.feedback.entries(sender, Some(second[1].cursor), 2).await.unwrap();

    assert_eq!([first, second, third].concat(), all);
    assert!(all.iter().enumerate().all(|(at, entry)| all[..at].iter().all(|one| one.cursor != entry.cursor)));
}

async fn what_is_acknowledged_is_erased(store: &TestStore) {
    let (sender, all) = told(store, 3).await;

    assert_eq!(entries(store, sender, Some(all[1].cursor)).await, all[2..]);

    assert_eq!(entries(store, sender, None).await, all[2..]);
}

async fn a_cursor_that_is_not_kept_any_more_skips_nothing(store: &TestStore) {
    let (sender, all) = told(store, 2).await;
    for cursor in [all[1].cursor, all[1].cursor, all[0].cursor, FeedbackCursor([9; 16])] {
        assert_eq!(entries(store, sender, Some(cursor)).await, []);
    }
    let reach = store.reached_by(sender).await;
    remove(store, &reach).await;

    for cursor in [all[1].cursor, all[0].cursor] {
        let told = entries(store, sender, Some(cursor)).await;
        assert_eq!((told.len(), told[0].subscription), (1, reach.subscription));
    }
}

async fn another_senders_cursor_erases_nothing(store: &TestStore) {
    let ((_, theirs), (sender, all)) = (told(store, 1).await, told(store, 2).await);
    assert_eq!(entries(store, sender, Some(theirs[0].cursor)).await, all);
    assert_eq!(entries(store, sender, None).await, all);
}

async fn what_nobody_acknowledged_is_forgotten(store: &TestStore) {
    let (sender, all) = told(store, 3).await;
    let tomorrow = Day(NOW.day().0 + 1);

    assert_eq!(store.feedback.forget_feedback(NOW.day(), 10).await.unwrap(), 0);
    assert_eq!(entries(store, sender, None).await, all);
    let forgotten = [
        store.feedback.forget_feedback(tomorrow, 2).await,
        store.feedback.forget_feedback(tomorrow, 2).await,
    ];

    assert_eq!(forgotten.map(Result::unwrap), [2, 1]);
    assert_eq!(entries(store, sender, None).await, []);
}

async fn an_erased_sender_leaves_no_feedback(store: &TestStore) {
    let (sender, _) = told(store, 2).await;
    store.senders.erase(sender, &entry("sender.erase")).await.unwrap();
    assert_eq!(entries(store, sender, None).await, []);
}

async fn the_bell_rings_for_the_sender_whose_subscription_ended(store: &TestStore) {
    let (one, other) = (store.reached().await, store.reached().await);
    let bells = [store.feedback.feedback_bell(one.sender), store.feedback.feedback_bell(other.sender)];
    let mut heard = [bells[0].notified(), bells[1].notified()].map(Box::pin);
    for heard in &mut heard {
        heard.as_mut().enable();
    }

    remove(store, &one).await;

    assert_eq!(heard.map(|heard| heard.now_or_never().is_some()), [true, false]);
}

async fn what_was_not_there_to_be_removed_is_not_told(store: &TestStore) {
    let reach = store.reached().await;
    remove(store, &reach).await;
    remove(store, &reach).await;
    let after = UnixMillis(NOW.0 + 1);
    store.retire(&app(), &reach.device_token, None, after).await.unwrap();
    assert_eq!(entries(store, reach.sender, None).await.len(), 1);
}

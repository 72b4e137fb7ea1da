//! What nobody uses ends, a few rows at a time, and nothing else does.

use std::collections::HashSet;

use sealpush::base::{Day, UnixMillis};
use sealpush::config::Retention;
use sealpush::model::{CodeHash, Outcome, Reason, Registration, RegistrationId, SubscriptionId};
use sealpush::privacy::Ends;
use sealpush::storage::{Digest, Issued, NewSubscription, SealedRegistered, Used, Walked};

use super::on_every_engine;
use super::test_store::{
    NOW, TestStore, delivery, new_subscription, notification, random_token, registration,
};

on_every_engine!(
    registrations_end_by_their_last_sign_of_life,
    a_registration_that_ends_takes_its_subscriptions_and_what_waits,
    subscriptions_that_were_never_used_end,
    a_walk_looks_at_a_few_rows_at_a_time_and_at_each_once,
    codes_and_answers_are_forgotten_when_their_time_is_over,
    the_day_of_the_last_sweep_is_kept,
);

const DAY: i64 = 86_400_000;

fn days_ago(days: i64) -> UnixMillis {
    UnixMillis(NOW.0 - days * DAY)
}

/// A registration with these signs of life.
async fn seen(store: &TestStore, registered: i64, echoed: bool, accepted: Option<i64>) -> RegistrationId {
    let accepted_day = accepted.map(|days| days_ago(days).day());
    let registered_at = days_ago(registered);
    let registration = Registration { registered_at, echoed, accepted_day, ..registration(&random_token()) };
    store.registrations.register(&registration).await.unwrap();
    registration.id
}

async fn walk_registrations(store: &TestStore, limit: u32) -> Vec<Walked<RegistrationId>> {
    let (mut steps, mut after) = (Vec::new(), None);
    loop {
        let step = store
            .retention
            .end_registrations(after, limit, &Ends::at(NOW, &Retention::default()), NOW)
            .await
            .unwrap();
        steps.push(step);
        after = step.next;
        if after.is_none() {
            return steps;
        }
    }
}

async fn registrations_end_by_their_last_sign_of_life(store: &TestStore) {
    let mut stay = HashSet::new();
    for (registered, echoed, accepted) in [
        (30, false, None),
        (270, true, None),
        (400, false, Some(270)),
        (400, true, Some(1)),
        (1, false, Some(400)),
    ] {
        stay.insert(seen(store, registered, echoed, accepted).await);
    }
    let mut end = HashSet::new();
    for (registered, echoed, accepted) in [(31, false, None), (271, true, None), (271, true, Some(271))] {
        end.insert(seen(store, registered, echoed, accepted).await);
    }

    let steps = walk_registrations(store, 100).await;

    assert_eq!(steps, [Walked { ended: 3, next: None }]);
    for (ids, expected) in [(stay, true), (end, false)] {
        for id in ids {
            assert_eq!(store.registrations.registration(id).await.unwrap().is_some(), expected, "{id}");
        }
    }
}

async fn a_registration_that_ends_takes_its_subscriptions_and_what_waits(store: &TestStore) {
    let sender = store.sender().await;
    let registration = seen(store, 31, false, None).await;
    let subscription = store.subscription(sender, registration).await;
    let reach = store.reach_of(sender, subscription).await.unwrap();
    let notification = notification(sender);
    store.promise(&notification, &[&delivery(&notification, &reach)]).await;

    walk_registrations(store, 10).await;

    assert_eq!(store.registrations.count().await.unwrap(), (0, 0));
    let known = store.outbox.known(sender, notification.id).await.unwrap().unwrap();
    assert_eq!(known.decided[0].outcome, Outcome::Gone(Reason::ours("subscription_ended")));
    assert_eq!(known.pending, []);
}

async fn subscribed(store: &TestStore, days: i64) -> NewSubscription {
    let (sender, registration) = (store.sender().await, store.registration().await.id);
    let created_day = Day(NOW.day().0 - i32::try_from(days).unwrap());
    let subscription = NewSubscription { created_day, ..new_subscription(sender, registration) };
    store.registrations.subscribe(&subscription).await.unwrap();
    subscription
}

async fn subscriptions_that_were_never_used_end(store: &TestStore) {
    let (young, old, used) =
        (subscribed(store, 90).await, subscribed(store, 91).await, subscribed(store, 400).await);
    let use_of = Used {
        subscription: used.id,
        registration: used.registration,
        registered_at: NOW,
        day: NOW.day(),
        environment: None,
    };
    store.used(&[use_of]).await.unwrap();

    let walked = store
        .retention
        .end_subscriptions(None, 10, &Ends::at(NOW, &Retention::default()), NOW)
        .await
        .unwrap();

    assert_eq!(walked, Walked { ended: 1, next: None });
    let there = async |id: SubscriptionId| store.registrations.subscription(id).await.unwrap().is_some();
    assert_eq!([there(young.id).await, there(old.id).await, there(used.id).await], [true, false, true]);
    assert_eq!(store.registrations.count().await.unwrap(), (3, 2));
}

async fn a_walk_looks_at_a_few_rows_at_a_time_and_at_each_once(store: &TestStore) {
    for number in 0..25 {
        seen(store, if number % 5 == 0 { 31 } else { 1 }, false, None).await;
    }

    let steps = walk_registrations(store, 4).await;

    assert_eq!(steps.len(), 7);
    assert_eq!(steps.iter().map(|step| step.ended).sum::<u64>(), 5);
    assert_eq!(store.registrations.count().await.unwrap(), (20, 0));
}

async fn the_day_of_the_last_sweep_is_kept(store: &TestStore) {
    assert_eq!(store.retention.last_swept().await.unwrap(), None);
    for day in [Day(20_000), Day(20_001), Day(-1)] {
        store.retention.note_swept(day).await.unwrap();
        assert_eq!(store.retention.last_swept().await.unwrap(), Some(day));
    }
}

async fn codes_and_answers_are_forgotten_when_their_time_is_over(store: &TestStore) {
    let registration = store.registration().await;
    let issue = |at| {
        store.confirmations.issue_code(
            registration.id,
            CodeHash([1; 32]),
            at,
            std::time::Duration::from_hours(9),
        )
    };
    assert!(matches!(issue(NOW).await.unwrap(), Issued::Done(_)));
    let sender = store.sender().await;
    let sealed = super::test_store::registration(&random_token());
    let digest = Digest { sender, sha256: [1; 32], keep_until: NOW };
    let subscription = new_subscription(sender, sealed.id);
    let made = store.registrations.register_sealed(&sealed, &subscription, &digest).await.unwrap();
    assert_eq!(made, SealedRegistered::Created);

    let forget = async |now| {
        store.retention.forget_proofs(&Ends::at(now, &Retention::default()), now, 10).await.unwrap()
    };
    assert_eq!(forget(NOW).await, 0);
    assert_eq!(forget(UnixMillis(NOW.0 + 3_600_000)).await, 1, "the answer");
    assert_eq!(forget(UnixMillis(NOW.0 + 3_600_001)).await, 1, "the code");

    assert!(matches!(issue(NOW).await.unwrap(), Issued::Done(_)));
    store.retention.overwrite_ended().await.unwrap();
}

//! What waits, in groups, for the operator.

use sealpush::base::UnixMillis;
use sealpush::model::Notification;
use sealpush::storage::{Promise, Waiting, WaitingGroup};

use super::on_every_engine;
use super::test_store::{NOW, TestStore, delivery, notification, waiting};

on_every_engine!(nothing_waits_in_no_group, what_waits_is_counted_by_app_and_push_service);

async fn nothing_waits_in_no_group(store: &TestStore) {
    store.reached().await;
    assert_eq!(store.outbox.groups(NOW).await.unwrap(), []);
}

async fn what_waits_is_counted_by_app_and_push_service(store: &TestStore) {
    let reach = store.reached().await;
    let other = store.reached_by(reach.sender).await;
    let hours = |hours: i64| UnixMillis(NOW.0 - hours * 3_600_000);
    for (accepted_at, due, attempts, leased_until) in [
        (NOW, NOW, 0, Some(UnixMillis(i64::MAX))),
        (UnixMillis(NOW.0 - 120_000), UnixMillis(NOW.0 + 5_000), 3, None),
        (hours(2), NOW, 1, None),
    ] {
        for reach in [&reach, &other] {
            let notification = Notification { accepted_at, ..notification(reach.sender) };
            let delivery = delivery(&notification, reach);
            let waiting = [Waiting { due, attempts, leased_until, ..waiting(&delivery) }];
            let promise =
                Promise { notification: &notification, decided: &[], waiting: &waiting, replaces: false };
            store.outbox.promise(&promise).await.unwrap();
        }
    }

    let groups = store.outbox.groups(NOW).await.unwrap();

    let expected = WaitingGroup {
        way: reach.way(),
        waiting: 6,
        payload_bytes: 0,
        leased: 2,
        due: 2,
        tried: 4,
        ages: [2, 2, 2, 0],
        oldest: hours(2),
        next_due: Some(NOW),
    };
    assert_eq!(groups, [expected]);
}

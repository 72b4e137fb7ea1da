//! The audit log.

use sealpush::base::UnixMillis;
use sealpush::model::{Actor, AuditEntry, AuditExtent, AuditVerdict};

use super::on_every_engine;
use super::test_store::{NOW, TestStore, entry, id};

on_every_engine!(
    entries_are_read_as_they_were_appended,
    entries_are_listed_in_pages,
    a_whole_chain_is_not_broken,
    equal_entries_have_different_hashes,
    each_change_of_a_sender_is_logged,
    a_cut_takes_the_old_end_and_leaves_a_log_that_is_proved,
    a_cut_goes_on_from_the_last_one_a_few_entries_at_a_time,
    what_only_tells_of_cuts_is_not_cut_for_itself,
    the_head_of_a_day_is_its_last_entry_also_after_that_was_cut,
    news_is_appended_and_what_is_known_is_not,
);

async fn entries_are_read_as_they_were_appended(store: &TestStore) {
    for actor in [Actor::Operator, Actor::OperatorToken(id()), Actor::Sender(id()), Actor::Joining] {
        let entry = AuditEntry {
            at: UnixMillis(NOW.0 + 1),
            actor,
            action: "app.add",
            subject: "app".to_owned(),
            detail: "a=\"ü\"".to_owned(),
        };

        store.audit.append(&entry).await.unwrap();

        let record = store.audit.list(0, 10).await.unwrap().pop().unwrap();
        assert_eq!(
            (record.at, record.actor.as_str(), record.action.as_str()),
            (entry.at, actor.to_string().as_str(), "app.add")
        );
        assert_eq!((record.subject, record.detail), (entry.subject, entry.detail));
    }
}

async fn entries_are_listed_in_pages(store: &TestStore) {
    for _ in 0..5 {
        store.audit.append(&entry("app.add")).await.unwrap();
    }

    let sequences = async |after, limit| -> Vec<i64> {
        store.audit.list(after, limit).await.unwrap().iter().map(|record| record.sequence).collect()
    };

    assert_eq!(sequences(0, 2).await, [1, 2]);
    assert_eq!(sequences(2, 10).await, [3, 4, 5]);
    assert_eq!(sequences(5, 10).await, [0_i64; 0]);
}

async fn a_whole_chain_is_not_broken(store: &TestStore) {
    assert!(store.audit.verify(None).await.unwrap().is_intact());
    for _ in 0..5 {
        store.audit.append(&entry("app.add")).await.unwrap();
    }
    assert!(store.audit.verify(None).await.unwrap().is_intact());
}

async fn equal_entries_have_different_hashes(store: &TestStore) {
    for _ in 0..2 {
        store.audit.append(&entry("app.add")).await.unwrap();
    }
    let records = store.audit.list(0, 10).await.unwrap();
    assert_ne!(records[0].hash, records[1].hash);
}

async fn each_change_of_a_sender_is_logged(store: &TestStore) {
    let sender = store.sender().await;
    store.senders.suspend(sender, &entry("sender.suspend")).await.unwrap();
    store.senders.resume(sender, &entry("sender.resume")).await.unwrap();
    store.senders.erase(sender, &entry("sender.erase")).await.unwrap();

    let records = store.audit.list(0, 10).await.unwrap();

    let actions: Vec<_> = records.iter().map(|record| record.action.as_str()).collect();
    assert_eq!(actions, ["sender.add", "sender.suspend", "sender.resume", "sender.erase"]);
    assert!(store.audit.verify(None).await.unwrap().is_intact());
}

const DAY: i64 = 86_400_000;

/// Appends an entry so many days after the beginning.
async fn on_day(store: &TestStore, day: i64, action: &'static str) {
    store.audit.append(&AuditEntry { at: UnixMillis(NOW.0 + day * DAY), ..entry(action) }).await.unwrap();
}

/// Cuts what is from before so many days after the beginning, `limit` entries at a time; today is day 500.
async fn cut(store: &TestStore, day: i64, limit: u32) -> u64 {
    let told = AuditEntry { at: UnixMillis(NOW.0 + 500 * DAY), ..entry("audit.cut") };
    store.audit.cut(UnixMillis(NOW.0 + day * DAY), limit, &told).await.unwrap()
}

async fn a_cut_takes_the_old_end_and_leaves_a_log_that_is_proved(store: &TestStore) {
    for day in [0, 1, 2, 3] {
        on_day(store, day, "app.add").await;
    }
    let before = store.audit.list(0, 10).await.unwrap();

    assert_eq!(cut(store, 2, 10).await, 2);

    let left = store.audit.list(0, 10).await.unwrap();
    assert_eq!(left[..2], before[2..]);
    assert_eq!((left.len(), left[2].action.as_str()), (3, "audit.cut"));
    assert_eq!(left[2].detail, before[1].mark().told());
    let extent = AuditExtent { cut: Some(before[1].mark()), head: left[2].mark(), noted: None };
    assert_eq!(store.audit.verify(None).await.unwrap(), AuditVerdict::Intact(extent));
    on_day(store, 501, "app.add").await;
    assert!(store.audit.verify(None).await.unwrap().is_intact(), "the chain goes on");
}

async fn a_cut_goes_on_from_the_last_one_a_few_entries_at_a_time(store: &TestStore) {
    for day in [0, 0, 0, 0, 0, 9] {
        on_day(store, day, "app.add").await;
    }

    let counts = [cut(store, 5, 2).await, cut(store, 5, 2).await, cut(store, 5, 2).await];

    assert_eq!(counts, [2, 2, 1]);
    assert_eq!(cut(store, 5, 2).await, 0, "nothing old is left");
    assert!(store.audit.verify(None).await.unwrap().is_intact());
    let actions = store.audit.list(0, 10).await.unwrap();
    let actions: Vec<_> = actions.iter().map(|record| record.action.as_str()).collect();
    assert_eq!(actions, ["app.add", "audit.cut", "audit.cut", "audit.cut"]);
}

/// Else a relay on which nothing happens would write an entry a day about the one of the year before.
async fn what_only_tells_of_cuts_is_not_cut_for_itself(store: &TestStore) {
    on_day(store, 0, "app.add").await;
    assert_eq!(cut(store, 1, 10).await, 1);

    assert_eq!(cut(store, 1_000, 10).await, 0);

    on_day(store, 501, "app.add").await;
    let told = AuditEntry { at: UnixMillis(NOW.0 + 1_100 * DAY), ..entry("audit.cut") };
    assert_eq!(store.audit.cut(UnixMillis(NOW.0 + 1_000 * DAY), 10, &told).await.unwrap(), 2);
    assert!(store.audit.verify(None).await.unwrap().is_intact());
}

async fn the_head_of_a_day_is_its_last_entry_also_after_that_was_cut(store: &TestStore) {
    assert_eq!(store.audit.head_before(NOW).await.unwrap(), None);
    on_day(store, 0, "app.add").await;
    on_day(store, 1, "app.add").await;
    let records = store.audit.list(0, 10).await.unwrap();
    let head = async |day: i64| store.audit.head_before(UnixMillis(NOW.0 + day * DAY)).await.unwrap();
    assert_eq!((head(1).await, head(2).await), (Some(records[0].mark()), Some(records[1].mark())));

    cut(store, 400, 10).await;

    assert_eq!(head(400).await, Some(records[1].mark()));
    let verdict = store.audit.verify(Some(records[1].hash)).await.unwrap();
    assert!(matches!(verdict, AuditVerdict::Intact(AuditExtent { noted: Some(2), .. })), "{verdict:?}");
    let verdict = store.audit.verify(Some(records[0].hash)).await.unwrap();
    assert!(matches!(verdict, AuditVerdict::HeadMissing(_)), "{verdict:?}");
}

async fn news_is_appended_and_what_is_known_is_not(store: &TestStore) {
    let says = |detail: &str| AuditEntry {
        subject: "relay".to_owned(),
        detail: detail.to_owned(),
        ..entry("relay.policy")
    };
    let mut news = Vec::new();
    for detail in ["a=1", "a=1", "a=2", "a=1"] {
        news.push(store.audit.append_news(&says(detail)).await.unwrap());
    }
    assert_eq!(news, [true, false, true, true]);
    assert_eq!(store.audit.list(0, 10).await.unwrap().len(), 3);
}

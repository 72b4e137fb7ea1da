//! The audit log.

use sealpush::base::UnixMillis;
use sealpush::model::{Actor, AuditEntry};

use super::on_every_engine;
use super::test_store::{NOW, TestStore, entry, id};

on_every_engine!(
    entries_are_read_as_they_were_appended,
    entries_are_listed_in_pages,
    a_whole_chain_is_not_broken,
    equal_entries_have_different_hashes,
    each_change_of_a_sender_is_logged,
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
    assert_eq!(store.audit.first_broken().await.unwrap(), None);
    for _ in 0..5 {
        store.audit.append(&entry("app.add")).await.unwrap();
    }
    assert_eq!(store.audit.first_broken().await.unwrap(), None);
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
    assert_eq!(store.audit.first_broken().await.unwrap(), None);
}

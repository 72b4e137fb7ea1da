//! Senders that joined an open relay and that nobody uses are erased, and no others.

use sealpush::base::{Day, UnixMillis};
use sealpush::model::{Actor, AuditEntry, CredentialId, SecretHash, SenderId};
use sealpush::storage::{Joined, Joining, NewInvite, ShownInvite};

use super::on_every_engine;
use super::test_store::{NOW, TestStore, entry, new_credential, sender};

on_every_engine!(
    who_joined_openly_and_was_never_used_is_erased,
    who_is_used_or_subscribed_or_new_stays,
    who_was_invited_added_or_suspended_stays,
    a_walk_looks_at_a_few_senders_at_a_time,
);

fn by_the_relay() -> AuditEntry {
    AuditEntry { actor: Actor::Relay, ..entry("sender.erase") }
}

/// Joins so many days ago, without an invite.
async fn joined(store: &TestStore, days: i32) -> (SenderId, CredentialId) {
    let mut sender = sender();
    sender.created_day = Day(NOW.day().0 - days);
    let credential = new_credential();
    let (id, credential_id) = (sender.id, credential.id);
    let entry = AuditEntry { subject: id.to_string(), ..entry("sender.join") };
    store.admission.join(&Joining { sender, credential, invite: None }, &entry).await.unwrap();
    (id, credential_id)
}

/// Joins so many days ago, with an invite.
async fn invited(store: &TestStore, days: i32) -> SenderId {
    let mut sender = sender();
    sender.created_day = Day(NOW.day().0 - days);
    let (id, secret_hash) = (sender.id, SecretHash([5; 32]));
    let new = NewInvite { id: super::test_store::id(), secret_hash, expires_at: UnixMillis(NOW.0 + 1) };
    store.admission.invite(&[new], &entry("invite.add")).await.unwrap();
    let invite = Some(ShownInvite { id: new.id, secret_hash, again_since: None });
    let joining = Joining { sender, credential: new_credential(), invite };
    let joined = store.admission.join(&joining, &entry("sender.join")).await.unwrap();
    assert_eq!(joined, Joined::Made);
    id
}

/// Erases who was not used for 90 days; how many steps of `limit` senders it took, and how many were erased.
async fn swept(store: &TestStore, limit: u32) -> (u32, u64) {
    let (mut steps, mut erased, mut after) = (0, 0, None);
    loop {
        let since = Day(NOW.day().0 - 90);
        let walked =
            store.retention.erase_unused_senders(after, limit, since, &by_the_relay()).await.unwrap();
        (steps, erased, after) = (steps + 1, erased + walked.ended, walked.next);
        if after.is_none() {
            return (steps, erased);
        }
    }
}

async fn is_there(store: &TestStore, sender: SenderId) -> bool {
    store.senders.find(sender).await.unwrap().is_some()
}

async fn who_joined_openly_and_was_never_used_is_erased(store: &TestStore) {
    let (old, _) = joined(store, 91).await;

    assert_eq!(swept(store, 100).await.1, 1);

    assert!(!is_there(store, old).await);
    let last = store.audit.list(0, 100).await.unwrap().pop().unwrap();
    assert_eq!(
        (last.actor.as_str(), last.action.as_str(), last.subject),
        ("relay", "sender.erase", old.to_string())
    );
    assert_eq!(swept(store, 100).await.1, 0);
}

async fn who_is_used_or_subscribed_or_new_stays(store: &TestStore) {
    let (used, credential) = joined(store, 400).await;
    store.credentials.used(credential, Day(NOW.day().0 - 90)).await.unwrap();
    let (subscribed, _) = joined(store, 400).await;
    store.reached_by(subscribed).await;
    let (new, _) = joined(store, 90).await;

    assert_eq!(swept(store, 100).await.1, 0);

    for sender in [used, subscribed, new] {
        assert!(is_there(store, sender).await);
    }
}

async fn who_was_invited_added_or_suspended_stays(store: &TestStore) {
    let invited = invited(store, 400).await;
    let mut added = sender();
    added.created_day = Day(0);
    store.senders.add(&added, &new_credential(), &entry("sender.add")).await.unwrap();
    let (suspended, _) = joined(store, 400).await;
    store.senders.suspend(suspended, &entry("sender.suspend")).await.unwrap();

    assert_eq!(swept(store, 100).await.1, 0);

    for sender in [invited, added.id, suspended] {
        assert!(is_there(store, sender).await);
    }
}

async fn a_walk_looks_at_a_few_senders_at_a_time(store: &TestStore) {
    for days in [91, 1, 91, 91, 1] {
        joined(store, days).await;
    }

    assert_eq!(swept(store, 2).await, (3, 3));
}

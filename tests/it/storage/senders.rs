//! Senders.

use sealpush::base::UnixMillis;
use sealpush::model::{ContentPolicy, SenderChange, SenderState};

use super::on_every_engine;
use super::test_store::{NOW, TestStore, entry, id, new_credential, sender};

on_every_engine!(
    a_sender_is_found_as_it_was_added,
    an_unknown_sender_is_none,
    senders_are_listed_by_id_in_pages,
    suspending_and_resuming_show_in_the_credential,
    a_change_holds_at_once_and_is_logged_once,
    nothing_is_done_or_logged_for_an_unknown_sender,
    an_erased_sender_leaves_nothing,
);

async fn a_sender_is_found_as_it_was_added(store: &TestStore) {
    let mut sender = sender();
    for policy in [ContentPolicy::ClearAllowed, ContentPolicy::SealOrOmit, ContentPolicy::SealedOnly] {
        for state in [SenderState::Active, SenderState::Suspended] {
            (sender.id, sender.content_policy, sender.state) = (id(), policy, state);

            store.senders.add(&sender, &new_credential(), &entry("sender.add")).await.unwrap();

            assert_eq!(store.senders.find(sender.id).await.unwrap().as_ref(), Some(&sender));
        }
    }
}

async fn an_unknown_sender_is_none(store: &TestStore) {
    assert_eq!(store.senders.find(id()).await.unwrap(), None);
}

async fn senders_are_listed_by_id_in_pages(store: &TestStore) {
    let mut added = Vec::new();
    for _ in 0..5 {
        added.push(store.sender().await);
    }
    added.sort();

    let first = store.senders.list(None, 3).await.unwrap();
    let rest = store.senders.list(Some(first[2].id), 3).await.unwrap();

    let listed: Vec<_> = first.iter().chain(&rest).map(|sender| sender.id).collect();
    assert_eq!(listed, added);
}

async fn suspending_and_resuming_show_in_the_credential(store: &TestStore) {
    let (sender, credential) = (sender(), new_credential());
    store.senders.add(&sender, &credential, &entry("sender.add")).await.unwrap();

    assert!(store.senders.suspend(sender.id, &entry("sender.suspend")).await.unwrap());
    assert!(store.senders.has_stopped(sender.id, NOW, NOW));
    let suspended = store.credentials.find(credential.id).await.unwrap().unwrap();
    assert!(store.senders.resume(sender.id, &entry("sender.resume")).await.unwrap());
    let resumed = store.credentials.find(credential.id).await.unwrap().unwrap();

    assert!(store.senders.has_stopped(sender.id, NOW, NOW), "what it asked for before has ended");
    assert!(!store.senders.has_stopped(sender.id, UnixMillis(NOW.0 + 1), UnixMillis(NOW.0 + 2)));
    assert_eq!(suspended.sender_state, SenderState::Suspended);
    assert_eq!(resumed.sender_state, SenderState::Active);
}

async fn a_change_holds_at_once_and_is_logged_once(store: &TestStore) {
    let (sender, credential) = (sender(), new_credential());
    store.senders.add(&sender, &credential, &entry("sender.add")).await.unwrap();
    store.credentials.find(credential.id).await.unwrap();
    let (name, policy) = ("Another".parse().unwrap(), ContentPolicy::ClearAllowed);
    let change = SenderChange { name: Some(name), content_policy: Some(policy) };

    for _ in 0..2 {
        let changed = store.senders.change(sender.id, &change, &entry("sender.change")).await.unwrap();
        let changed = changed.unwrap();
        assert_eq!((changed.name.as_str(), changed.content_policy), ("Another", policy));
        assert_eq!(store.senders.find(sender.id).await.unwrap(), Some(changed));
    }

    let known = store.credentials.find(credential.id).await.unwrap().unwrap();
    assert_eq!(known.content_policy, policy);
    assert_eq!(store.audit.list(0, 10).await.unwrap().len(), 2);
}

async fn nothing_is_done_or_logged_for_an_unknown_sender(store: &TestStore) {
    let entry = entry("sender.suspend");
    let change = SenderChange { name: Some("A".parse().unwrap()), content_policy: None };

    assert_eq!(store.senders.change(id(), &change, &entry).await.unwrap(), None);
    assert!(!store.senders.suspend(id(), &entry).await.unwrap());
    assert!(!store.senders.resume(id(), &entry).await.unwrap());
    assert_eq!(store.senders.erase(id(), &entry).await.unwrap(), None);

    assert_eq!(store.audit.list(0, 10).await.unwrap(), []);
}

async fn an_erased_sender_leaves_nothing(store: &TestStore) {
    let reach = store.reached().await;
    let notification = super::test_store::notification(reach.sender);
    store.promise(&notification, &[&super::test_store::delivery(&notification, &reach)]).await;

    assert!(store.senders.erase(reach.sender, &entry("sender.erase")).await.unwrap().is_some());

    assert!(store.senders.has_stopped(reach.sender, NOW, NOW));
    assert_eq!(store.senders.find(reach.sender).await.unwrap(), None);
    assert_eq!(store.registrations.subscription(reach.subscription).await.unwrap(), None);
    assert_eq!(store.outbox.known(reach.sender, notification.id).await.unwrap(), None);
    assert_eq!(store.depth().await.unwrap(), (0, None));
    assert!(store.lease(NOW, NOW, 10).await.unwrap().is_empty());
    // The registration is the app's, not the sender's.
    assert_eq!(store.registrations.count().await.unwrap(), (1, 0));
}

//! Senders and their credentials.

use sealpush::base::{Day, UnixMillis};
use sealpush::model::{ContentPolicy, Credential, Scopes, SenderState};

use super::on_every_engine;
use super::test_store::{NOW, TestStore, entry, id, new_credential, sender};

on_every_engine!(
    a_sender_is_found_as_it_was_added,
    an_unknown_sender_is_none,
    senders_are_listed_by_id_in_pages,
    a_credential_comes_with_its_senders_state_and_policy,
    an_unknown_credential_is_none,
    many_credentials_are_asked_for_at_once,
    the_day_of_last_use_never_goes_back,
    suspending_and_resuming_show_in_the_credential,
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

async fn a_credential_comes_with_its_senders_state_and_policy(store: &TestStore) {
    let sender = sender();
    let mut new = new_credential();
    (new.scopes, new.expires_at) = (Scopes::from_bits(5), Some(UnixMillis(12)));
    store.senders.add(&sender, &new, &entry("sender.add")).await.unwrap();

    let credential = store.senders.credential(new.id).await.unwrap();

    let expected = Credential {
        id: new.id,
        sender: sender.id,
        secret_hash: new.secret_hash,
        scopes: new.scopes,
        expires_at: new.expires_at,
        last_used_day: None,
        sender_state: SenderState::Active,
        content_policy: sender.content_policy,
    };
    assert_eq!(credential, Some(expected));
}

async fn an_unknown_credential_is_none(store: &TestStore) {
    assert_eq!(store.senders.credential(id()).await.unwrap(), None);
}

async fn many_credentials_are_asked_for_at_once(store: &TestStore) {
    let mut ids = Vec::new();
    for _ in 0..20 {
        let credential = new_credential();
        store.senders.add(&sender(), &credential, &entry("sender.add")).await.unwrap();
        ids.push(credential.id);
    }

    let found = futures_util::future::join_all(ids.iter().map(|id| store.senders.credential(*id))).await;

    let found: Vec<_> = found.into_iter().map(|credential| credential.unwrap().unwrap().id).collect();
    assert_eq!(found, ids);
}

async fn the_day_of_last_use_never_goes_back(store: &TestStore) {
    let credential = new_credential();
    store.senders.add(&sender(), &credential, &entry("sender.add")).await.unwrap();

    for (day, expected) in [(20, 20), (20, 20), (19, 20), (21, 21)] {
        store.senders.credential_used(credential.id, Day(day)).await.unwrap();
        let known = store.senders.credential(credential.id).await.unwrap().unwrap();
        assert_eq!(known.last_used_day, Some(Day(expected)));
    }
}

async fn suspending_and_resuming_show_in_the_credential(store: &TestStore) {
    let (sender, credential) = (sender(), new_credential());
    store.senders.add(&sender, &credential, &entry("sender.add")).await.unwrap();

    assert!(store.senders.suspend(sender.id, &entry("sender.suspend")).await.unwrap());
    let suspended = store.senders.credential(credential.id).await.unwrap().unwrap();
    assert!(store.senders.resume(sender.id, &entry("sender.resume")).await.unwrap());
    let resumed = store.senders.credential(credential.id).await.unwrap().unwrap();

    assert_eq!(suspended.sender_state, SenderState::Suspended);
    assert_eq!(resumed.sender_state, SenderState::Active);
}

async fn nothing_is_done_or_logged_for_an_unknown_sender(store: &TestStore) {
    let entry = entry("sender.suspend");

    assert!(!store.senders.suspend(id(), &entry).await.unwrap());
    assert!(!store.senders.resume(id(), &entry).await.unwrap());
    assert!(!store.senders.erase(id(), &entry).await.unwrap());

    assert_eq!(store.audit.list(0, 10).await.unwrap(), []);
}

async fn an_erased_sender_leaves_nothing(store: &TestStore) {
    let reach = store.reached().await;
    let notification = super::test_store::notification(reach.sender);
    store.promise(&notification, &[&super::test_store::delivery(&notification, &reach)]).await;

    assert!(store.senders.erase(reach.sender, &entry("sender.erase")).await.unwrap());

    assert_eq!(store.senders.find(reach.sender).await.unwrap(), None);
    assert_eq!(store.registrations.subscription(reach.subscription).await.unwrap(), None);
    assert_eq!(store.outbox.known(reach.sender, notification.id).await.unwrap(), None);
    assert_eq!(store.outbox.depth().await.unwrap(), (0, None));
    assert!(store.outbox.lease(NOW, NOW, 10).await.unwrap().is_empty());
    // The registration is the app's, not the sender's.
    assert_eq!(store.registrations.count().await.unwrap(), (1, 0));
}

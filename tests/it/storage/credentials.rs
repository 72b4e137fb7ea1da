//! Senders' credentials.

use sealpush::base::{Day, UnixMillis};
use sealpush::model::{Credential, CredentialId, Scope, Scopes, SecretHash, SenderId, SenderState};
use sealpush::storage::{AddedCredential, NewCredential, RemovedCredential};

use super::on_every_engine;
use super::test_store::{NOW, TestStore, entry, id, new_credential, sender};

on_every_engine!(
    a_credential_comes_with_its_senders_state_and_policy,
    an_unknown_credential_is_none,
    many_credentials_are_asked_for_at_once,
    the_day_of_last_use_never_goes_back,
    a_senders_credentials_are_listed_and_no_other,
    a_repeated_credential_is_added_once,
    an_id_that_is_taken_is_refused,
    a_sender_has_so_many_credentials_and_no_more,
    a_removed_credential_stops_at_once,
    the_last_admin_credential_stays,
    what_expired_does_not_count_as_an_admin,
    another_senders_credential_cannot_be_removed,
    expired_credentials_are_erased_a_few_at_a_time,
);

/// The most credentials in these tests.
const MOST: u32 = 3;

async fn add(store: &TestStore, sender: SenderId, new: &NewCredential) -> AddedCredential {
    store.credentials.add(sender, new, MOST, &entry("credential.add")).await.unwrap()
}

async fn remove(store: &TestStore, sender: SenderId, id: CredentialId) -> RemovedCredential {
    store.credentials.remove(sender, id, &entry("credential.remove")).await.unwrap()
}

/// A credential that only sends.
fn notifying() -> NewCredential {
    NewCredential { scopes: Scopes::of(&[Scope::Notify]), ..new_credential() }
}

/// A sender, and its first credential.
async fn sender_with_credential(store: &TestStore) -> (SenderId, CredentialId) {
    let (sender, credential) = (sender(), new_credential());
    store.senders.add(&sender, &credential, &entry("sender.add")).await.unwrap();
    (sender.id, credential.id)
}

async fn a_credential_comes_with_its_senders_state_and_policy(store: &TestStore) {
    let sender = sender();
    let mut new = new_credential();
    (new.scopes, new.expires_at) = (Scopes::from_bits(5), Some(UnixMillis(12)));
    store.senders.add(&sender, &new, &entry("sender.add")).await.unwrap();

    let credential = store.credentials.find(new.id).await.unwrap();

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
    assert_eq!(store.credentials.find(id()).await.unwrap(), None);
}

async fn many_credentials_are_asked_for_at_once(store: &TestStore) {
    let mut ids = Vec::new();
    for _ in 0..20 {
        let credential = new_credential();
        store.senders.add(&sender(), &credential, &entry("sender.add")).await.unwrap();
        ids.push(credential.id);
    }

    let found = futures_util::future::join_all(ids.iter().map(|id| store.credentials.find(*id))).await;

    let found: Vec<_> = found.into_iter().map(|credential| credential.unwrap().unwrap().id).collect();
    assert_eq!(found, ids);
}

async fn the_day_of_last_use_never_goes_back(store: &TestStore) {
    let credential = new_credential();
    store.senders.add(&sender(), &credential, &entry("sender.add")).await.unwrap();

    for (day, expected) in [(20, 20), (20, 20), (19, 20), (21, 21)] {
        store.credentials.used(credential.id, Day(day)).await.unwrap();
        let known = store.credentials.find(credential.id).await.unwrap().unwrap();
        assert_eq!(known.last_used_day, Some(Day(expected)));
    }
}

async fn a_senders_credentials_are_listed_and_no_other(store: &TestStore) {
    let (sender, first) = sender_with_credential(store).await;
    sender_with_credential(store).await;
    let mut second = notifying();
    second.expires_at = Some(UnixMillis(NOW.0 + 9));
    assert_eq!(add(store, sender, &second).await, AddedCredential::Added);
    store.credentials.used(second.id, Day(20)).await.unwrap();

    let listed = store.credentials.of_sender(sender).await.unwrap();

    let mut ids = [first, second.id];
    ids.sort();
    assert_eq!(listed.iter().map(|one| one.id).collect::<Vec<_>>(), ids);
    let listed = listed.iter().find(|one| one.id == second.id).unwrap();
    assert_eq!((listed.scopes.list(), listed.expires_at), (vec![Scope::Notify], second.expires_at));
    assert_eq!(listed.last_used_day, Some(Day(20)));
}

async fn a_repeated_credential_is_added_once(store: &TestStore) {
    let (sender, _) = sender_with_credential(store).await;
    let new = notifying();
    assert_eq!(add(store, sender, &new).await, AddedCredential::Added);

    let again = add(store, sender, &new).await;

    assert!(matches!(again, AddedCredential::Same(same) if same.id == new.id && same.scopes == new.scopes));
    assert_eq!(store.credentials.of_sender(sender).await.unwrap().len(), 2);
    assert_eq!(store.audit.list(0, 10).await.unwrap().len(), 2);
}

async fn an_id_that_is_taken_is_refused(store: &TestStore) {
    let (sender, first) = sender_with_credential(store).await;
    let (other, _) = sender_with_credential(store).await;
    let taken = NewCredential { id: first, ..new_credential() };
    let guessed = NewCredential { secret_hash: SecretHash([9; 32]), ..taken.clone() };
    let other_scopes = NewCredential { id: first, ..notifying() };

    for (sender, new) in [(other, &taken), (sender, &guessed), (sender, &other_scopes)] {
        assert_eq!(add(store, sender, new).await, AddedCredential::IdTaken);
    }
    assert_eq!(add(store, id(), &new_credential()).await, AddedCredential::NoSuchSender);
}

async fn a_sender_has_so_many_credentials_and_no_more(store: &TestStore) {
    let (sender, _) = sender_with_credential(store).await;
    let expired = NewCredential { expires_at: Some(NOW), ..notifying() };
    for new in [&expired, &notifying(), &notifying()] {
        assert_eq!(add(store, sender, new).await, AddedCredential::Added);
    }

    assert_eq!(add(store, sender, &notifying()).await, AddedCredential::TooMany);
}

async fn a_removed_credential_stops_at_once(store: &TestStore) {
    let (sender, _) = sender_with_credential(store).await;
    let new = new_credential();
    add(store, sender, &new).await;
    assert!(store.credentials.find(new.id).await.unwrap().is_some());

    assert_eq!(remove(store, sender, new.id).await, RemovedCredential::Done);

    assert_eq!(store.credentials.find(new.id).await.unwrap(), None);
    assert_eq!(remove(store, sender, new.id).await, RemovedCredential::Missing);
}

async fn the_last_admin_credential_stays(store: &TestStore) {
    let (sender, first) = sender_with_credential(store).await;
    add(store, sender, &notifying()).await;
    assert_eq!(remove(store, sender, first).await, RemovedCredential::LastAdmin);
    let second = new_credential();
    add(store, sender, &second).await;

    assert_eq!(remove(store, sender, first).await, RemovedCredential::Done);
    assert_eq!(remove(store, sender, second.id).await, RemovedCredential::LastAdmin);
}

async fn what_expired_does_not_count_as_an_admin(store: &TestStore) {
    let (sender, first) = sender_with_credential(store).await;
    let expired = NewCredential { expires_at: Some(NOW), ..new_credential() };
    add(store, sender, &expired).await;

    assert_eq!(remove(store, sender, first).await, RemovedCredential::LastAdmin);
    assert_eq!(remove(store, sender, expired.id).await, RemovedCredential::Done);
}

async fn another_senders_credential_cannot_be_removed(store: &TestStore) {
    let (_, theirs) = sender_with_credential(store).await;
    let (sender, _) = sender_with_credential(store).await;

    assert_eq!(remove(store, sender, theirs).await, RemovedCredential::Missing);

    assert!(store.credentials.find(theirs).await.unwrap().is_some());
}

async fn expired_credentials_are_erased_a_few_at_a_time(store: &TestStore) {
    let (sender, first) = sender_with_credential(store).await;
    for at in [NOW.0 - 1, NOW.0, NOW.0 + 1] {
        add(store, sender, &NewCredential { expires_at: Some(UnixMillis(at)), ..notifying() }).await;
    }

    for erased in [1, 1, 0] {
        assert_eq!(store.credentials.forget_expired(NOW, 1).await.unwrap(), erased);
    }

    let left = store.credentials.of_sender(sender).await.unwrap();
    assert_eq!(left.len(), 2);
    assert!(left.iter().any(|one| one.id == first));
}

//! Invites, and how servers join.

use futures_util::future::join_all;
use sealpush::base::{Day, UnixMillis};
use sealpush::model::{AuditEntry, Invite, InviteId, SecretHash};
use sealpush::storage::{Joined, Joining, NewCredential, NewInvite, ShownInvite};

use super::on_every_engine;
use super::test_store::{NOW, TestStore, entry, id, new_credential, sender};

on_every_engine!(
    invites_are_listed_in_pages_with_whether_they_were_used,
    an_invite_works_once_however_many_ask_at_once,
    a_repeated_request_gets_the_sender_that_it_made,
    another_credential_under_a_known_id_is_refused,
    an_invite_that_does_not_count_makes_nothing,
    who_lost_the_answer_gets_a_new_credential_in_place_of_the_unused_one,
    a_credential_that_was_used_is_never_replaced,
    a_used_invite_makes_nothing_for_another_request,
    a_revoked_invite_is_gone_and_a_used_one_stays,
    who_joins_an_open_relay_needs_no_invite,
    old_invites_are_erased,
    an_erased_sender_takes_its_invite_along,
);

const SECRET: SecretHash = SecretHash([5; 32]);

async fn invite(store: &TestStore) -> InviteId {
    let invite = NewInvite { id: id(), secret_hash: SECRET, expires_at: UnixMillis(NOW.0 + 1000) };
    store.admission.invite(&[invite], &entry("invite.add")).await.unwrap();
    invite.id
}

fn joining(invite: InviteId) -> Joining {
    let shown = ShownInvite { id: invite, secret_hash: SECRET, again_since: None };
    Joining { sender: sender(), credential: new_credential(), invite: Some(shown) }
}

/// The same request with another credential, of a server that had the relay draw it.
fn again(first: &Joining) -> Joining {
    let mut again = Joining { credential: new_credential(), ..first.clone() };
    again.sender.id = id();
    again.invite.as_mut().unwrap().again_since = Some(NOW);
    again
}

fn at(now: i64) -> AuditEntry {
    AuditEntry { at: UnixMillis(now), ..entry("sender.join") }
}

async fn join(store: &TestStore, joining: &Joining) -> Joined {
    store.admission.join(joining, &at(NOW.0)).await.unwrap()
}

async fn count(store: &TestStore) -> usize {
    store.senders.list(None, 100).await.unwrap().len()
}

async fn invites_are_listed_in_pages_with_whether_they_were_used(store: &TestStore) {
    let mut ids = [invite(store).await, invite(store).await, invite(store).await];
    ids.sort();
    join(store, &joining(ids[1])).await;

    let first = store.admission.invites(None, 2).await.unwrap();
    let rest = store.admission.invites(Some(first[1].id), 2).await.unwrap();

    let expires_at = UnixMillis(NOW.0 + 1000);
    let expected = [(ids[0], false), (ids[1], true), (ids[2], false)];
    let expected = expected.map(|(id, used)| Invite { id, expires_at, used });
    assert_eq!([first, rest].concat(), expected);
}

async fn an_invite_works_once_however_many_ask_at_once(store: &TestStore) {
    let invite = invite(store).await;
    let requests: Vec<_> = (0..16).map(|_| joining(invite)).collect();

    let answers = join_all(requests.iter().map(|request| join(store, request))).await;

    assert_eq!(answers.iter().filter(|answer| **answer == Joined::Made).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| **answer == Joined::InviteUsed).count(), 15, "{answers:?}");
    assert_eq!(count(store).await, 1);
}

async fn a_repeated_request_gets_the_sender_that_it_made(store: &TestStore) {
    let first = joining(invite(store).await);
    assert_eq!(join(store, &first).await, Joined::Made);
    // The relay draws the id of a sender anew for each request.
    let mut repeated = first.clone();
    repeated.sender.id = id();

    assert_eq!(join(store, &repeated).await, Joined::Again(first.sender.clone()));

    assert_eq!(count(store).await, 1);
    let credential = store.credentials.find(first.credential.id).await.unwrap().unwrap();
    assert_eq!(credential.sender, first.sender.id);
}

async fn another_credential_under_a_known_id_is_refused(store: &TestStore) {
    let first = joining(invite(store).await);
    join(store, &first).await;
    let mut other = joining(invite(store).await);
    other.credential = NewCredential { secret_hash: SecretHash([8; 32]), ..first.credential };

    assert_eq!(join(store, &other).await, Joined::CredentialIdTaken);
    other.invite = other.invite.map(|invite| ShownInvite { id: id(), ..invite });
    assert_eq!(join(store, &other).await, Joined::InviteInvalid, "who made an invite up learns no ids");

    assert_eq!(count(store).await, 1);
}

async fn an_invite_that_does_not_count_makes_nothing(store: &TestStore) {
    let good = joining(invite(store).await);
    let mut guessed = good.clone();
    guessed.invite.as_mut().unwrap().secret_hash = SecretHash([6; 32]);

    assert_eq!(join(store, &guessed).await, Joined::InviteInvalid);
    assert_eq!(join(store, &joining(id())).await, Joined::InviteInvalid);
    let late = store.admission.join(&good, &at(NOW.0 + 1000)).await.unwrap();
    assert_eq!(late, Joined::InviteInvalid);

    assert_eq!(count(store).await, 0);
    assert_eq!(join(store, &good).await, Joined::Made);
}

async fn who_lost_the_answer_gets_a_new_credential_in_place_of_the_unused_one(store: &TestStore) {
    let first = joining(invite(store).await);
    join(store, &first).await;
    store.credentials.find(first.credential.id).await.unwrap();

    for _ in 0..2 {
        let again = again(&first);
        assert_eq!(join(store, &again).await, Joined::Again(first.sender.clone()));
        let ids: Vec<_> = store.credentials.of_sender(first.sender.id).await.unwrap();
        assert_eq!(ids.iter().map(|one| one.id).collect::<Vec<_>>(), [again.credential.id]);
    }

    assert_eq!(store.credentials.find(first.credential.id).await.unwrap(), None);
    let log = store.audit.list(0, 10).await.unwrap();
    let last = log.last().unwrap();
    let subject = first.sender.id.to_string();
    assert_eq!((last.action.as_str(), last.subject.as_str()), ("sender.join_again", subject.as_str()));
}

async fn a_credential_that_was_used_is_never_replaced(store: &TestStore) {
    let first = joining(invite(store).await);
    join(store, &first).await;
    store.credentials.used(first.credential.id, Day(1)).await.unwrap();

    assert_eq!(join(store, &again(&first)).await, Joined::InviteUsed);

    assert!(store.credentials.find(first.credential.id).await.unwrap().is_some());
}

async fn a_used_invite_makes_nothing_for_another_request(store: &TestStore) {
    let first = joining(invite(store).await);
    join(store, &first).await;
    let mut renamed = again(&first);
    renamed.sender.name = "Another".parse().unwrap();
    let mut late = again(&first);
    late.invite.as_mut().unwrap().again_since = Some(UnixMillis(NOW.0 + 1));

    for request in [&renamed, &late] {
        assert_eq!(join(store, request).await, Joined::InviteUsed);
    }
    assert!(store.credentials.find(first.credential.id).await.unwrap().is_some());
}

async fn a_revoked_invite_is_gone_and_a_used_one_stays(store: &TestStore) {
    let (unused, used) = (invite(store).await, invite(store).await);
    join(store, &joining(used)).await;
    let entry = entry("invite.revoke");

    assert!(store.admission.revoke_invite(unused, &entry).await.unwrap());
    assert!(!store.admission.revoke_invite(unused, &entry).await.unwrap());
    assert!(!store.admission.revoke_invite(used, &entry).await.unwrap());

    assert_eq!(join(store, &joining(unused)).await, Joined::InviteInvalid);
}

async fn who_joins_an_open_relay_needs_no_invite(store: &TestStore) {
    let request = Joining { sender: sender(), credential: new_credential(), invite: None };

    assert_eq!(join(store, &request).await, Joined::Made);
    assert_eq!(join(store, &request).await, Joined::Again(request.sender.clone()));

    assert_eq!(store.senders.find(request.sender.id).await.unwrap(), Some(request.sender));
}

async fn old_invites_are_erased(store: &TestStore) {
    let (used, _unused) = (invite(store).await, invite(store).await);
    join(store, &joining(used)).await;
    let forget = async |now: i64, used_before: i64| {
        store.admission.forget_invites(UnixMillis(now), UnixMillis(used_before), 10).await.unwrap()
    };

    assert_eq!(forget(NOW.0 + 999, NOW.0).await, 0);
    assert_eq!(forget(NOW.0 + 999, NOW.0 + 1).await, 1);
    assert_eq!(forget(NOW.0 + 1000, NOW.0 + 1).await, 1);

    assert_eq!(store.admission.invites(None, 10).await.unwrap(), []);
    assert_eq!(count(store).await, 1);
}

async fn an_erased_sender_takes_its_invite_along(store: &TestStore) {
    let request = joining(invite(store).await);
    join(store, &request).await;

    assert!(store.senders.erase(request.sender.id, &entry("sender.erase")).await.unwrap().is_some());

    assert_eq!(store.admission.invites(None, 10).await.unwrap(), []);
}

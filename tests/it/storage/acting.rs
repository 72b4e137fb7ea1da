//! What is done in somebody's name is done only while that one may act, whenever they authenticated.

use sealpush::base::UnixMillis;
use sealpush::model::{
    Actor, AuditEntry, CredentialId, OperatorRole, OperatorToken, OperatorTokenId, Scope, Scopes, SecretHash,
    SenderChange, SenderId,
};
use sealpush::storage::{ActError, NewCredential, NewInvite};

use super::on_every_engine;
use super::test_store::{NOW, TestStore, entry, id, new_credential, sender};

on_every_engine!(
    a_removed_credential_makes_itself_no_successor_and_changes_nothing,
    a_credential_that_expired_or_lacks_the_scope_admin_changes_nothing,
    a_revoked_operator_token_makes_nothing_and_changes_nothing,
    a_token_that_expired_or_only_reads_makes_nothing,
    who_acts_may_end_its_own_authority,
);

fn by(actor: Actor) -> AuditEntry {
    AuditEntry { actor, ..entry("test.act") }
}

/// What a sender can do of itself: each is refused.
async fn refuse_sender(store: &TestStore, sender: SenderId, credential: CredentialId) {
    let (entry, new) = (by(Actor::Sender(credential)), new_credential());
    let change = SenderChange { name: Some("Another".parse().unwrap()), content_policy: None };
    let refused = [
        store.credentials.add(sender, &new, 20, &entry).await.err(),
        store.credentials.remove(sender, new.id, &entry).await.err(),
        store.senders.change(sender, &change, &entry).await.err(),
        store.senders.erase(sender, &entry).await.err(),
    ];
    assert!(refused.iter().all(|refused| matches!(refused, Some(ActError::ActorEnded))), "{refused:?}");
}

/// What an operator's token can do: each is refused.
async fn refuse_token(store: &TestStore, token: OperatorTokenId) {
    let (entry, there) = (by(Actor::OperatorToken(token)), sender());
    let invite = NewInvite { id: id(), secret_hash: SecretHash([5; 32]), expires_at: NOW };
    store.senders.add(&there, &new_credential(), &by(Actor::Operator)).await.unwrap();
    let refused = [
        store.operator_tokens.add(&owner(), &entry).await.err(),
        store.operator_tokens.revoke(token, &entry).await.err(),
        store.admission.invite(&[invite], &entry).await.err(),
        store.admission.revoke_invite(invite.id, &entry).await.err(),
        store.senders.add(&sender(), &new_credential(), &entry).await.err(),
        store.credentials.add(there.id, &new_credential(), 20, &entry).await.err(),
        store.senders.suspend(there.id, &entry).await.err(),
        store.senders.resume(there.id, &entry).await.err(),
        store.senders.erase(there.id, &entry).await.err(),
    ];
    assert!(refused.iter().all(|refused| matches!(refused, Some(ActError::ActorEnded))), "{refused:?}");
    assert_eq!(store.senders.find(there.id).await.unwrap(), Some(there));
}

fn owner() -> OperatorToken {
    let (role, secret_hash) = (OperatorRole::Owner, SecretHash([4; 32]));
    OperatorToken { id: id(), secret_hash, role, expires_at: None, last_used_day: None }
}

/// A sender with a credential of its own, and `second` beside it.
async fn sender_with(store: &TestStore, second: &NewCredential) -> SenderId {
    let sender = store.sender().await;
    store.credentials.add(sender, second, 20, &by(Actor::Operator)).await.unwrap();
    sender
}

async fn logged(store: &TestStore) -> usize {
    store.audit.list(0, 100).await.unwrap().len()
}

async fn a_removed_credential_makes_itself_no_successor_and_changes_nothing(store: &TestStore) {
    let stolen = new_credential();
    let sender = sender_with(store, &stolen).await;
    store.credentials.remove(sender, stolen.id, &by(Actor::Operator)).await.unwrap();
    let (before, there) = (logged(store).await, store.senders.find(sender).await.unwrap());

    refuse_sender(store, sender, stolen.id).await;

    assert_eq!(store.credentials.of_sender(sender).await.unwrap().len(), 1);
    assert_eq!((logged(store).await, store.senders.find(sender).await.unwrap()), (before, there));
}

async fn a_credential_that_expired_or_lacks_the_scope_admin_changes_nothing(store: &TestStore) {
    let expired = NewCredential { expires_at: Some(NOW), ..new_credential() };
    let notifies =
        NewCredential { scopes: Scopes::of(&[Scope::Notify, Scope::Register]), ..new_credential() };
    for credential in [expired, notifies] {
        let sender = sender_with(store, &credential).await;
        refuse_sender(store, sender, credential.id).await;
    }
    let counts = NewCredential { expires_at: Some(UnixMillis(NOW.0 + 1)), ..new_credential() };
    let sender = sender_with(store, &counts).await;
    store.credentials.add(sender, &new_credential(), 20, &by(Actor::Sender(counts.id))).await.unwrap();
}

async fn a_revoked_operator_token_makes_nothing_and_changes_nothing(store: &TestStore) {
    let token = owner();
    store.operator_tokens.add(&token, &by(Actor::Operator)).await.unwrap();
    store.operator_tokens.add(&owner(), &by(Actor::OperatorToken(token.id))).await.unwrap();
    store.operator_tokens.revoke(token.id, &by(Actor::Operator)).await.unwrap();

    refuse_token(store, token.id).await;

    assert_eq!(store.operator_tokens.list(None, 10).await.unwrap().len(), 1);
    assert!(store.admission.invites(None, 10).await.unwrap().is_empty());
}

async fn a_token_that_expired_or_only_reads_makes_nothing(store: &TestStore) {
    let expired = OperatorToken { expires_at: Some(NOW), ..owner() };
    let viewer = OperatorToken { role: OperatorRole::Viewer, ..owner() };
    for token in [expired, viewer] {
        store.operator_tokens.add(&token, &by(Actor::Operator)).await.unwrap();
        refuse_token(store, token.id).await;
    }
}

async fn who_acts_may_end_its_own_authority(store: &TestStore) {
    let (token, credential) = (owner(), new_credential());
    store.operator_tokens.add(&token, &by(Actor::Operator)).await.unwrap();
    let sender = sender_with(store, &credential).await;
    let itself = by(Actor::Sender(credential.id));

    store.credentials.remove(sender, credential.id, &itself).await.unwrap();
    assert!(store.operator_tokens.revoke(token.id, &by(Actor::OperatorToken(token.id))).await.unwrap());

    let other = new_credential();
    let sender = sender_with(store, &other).await;
    assert!(store.senders.erase(sender, &by(Actor::Sender(other.id))).await.unwrap().is_some());
}

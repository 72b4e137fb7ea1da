//! What a sender asks of itself with a credential that ends while it asks: it authenticated, and sends its body
//! slowly.

use std::sync::Arc;

use sealpush::base::{Live, OsEntropy};
use sealpush::intake::{
    ActError, AuthenticatedSender, JoinRules, NewSecret, OwnSender, SenderCredentials,
    SenderCredentialsError, WantedCredential,
};
use sealpush::model::{AdmissionMode, ContentPolicy, CredentialId, Id, Scopes};

use super::desk::Desk;

fn anything() -> WantedCredential {
    WantedCredential { scopes: Scopes::ALL, lifetime: None, secret: NewSecret::Drawn }
}

/// A sender, by its first credential.
async fn joined(desk: &Desk) -> AuthenticatedSender {
    let credential: CredentialId = Id::random(&OsEntropy);
    let id = desk.sender(credential).await;
    AuthenticatedSender { id, credential, content_policy: ContentPolicy::SealedOnly }
}

#[tokio::test]
async fn a_credential_that_was_removed_meanwhile_adds_no_other() {
    let desk = Desk::new().await;
    let credentials = SenderCredentials::new(&desk.store, desk.time(), Arc::new(OsEntropy));
    let owner = joined(&desk).await;
    let stolen = credentials.add(&owner, anything()).await.unwrap().credential.id;
    let thief = AuthenticatedSender { credential: stolen, ..owner };
    credentials.remove(&owner, stolen).await.unwrap();

    let added = credentials.add(&thief, anything()).await;

    assert!(matches!(added, Err(SenderCredentialsError::Act(ActError::ActorEnded))));
    assert_eq!(credentials.list(owner.id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_sender_that_erases_itself_twice_is_erased() {
    let desk = Desk::new().await;
    let rules = JoinRules { mode: AdmissionMode::Open, content_policy: ContentPolicy::SealedOnly };
    let own_sender = OwnSender::new(&desk.store, Live::new(rules), desk.time());
    let sender = joined(&desk).await;
    own_sender.erase(&sender).await.unwrap();
    own_sender.erase(&sender).await.unwrap();
    assert_eq!(desk.store.senders.find(sender.id).await.unwrap(), None);
}

//! Sealed registrations of which something was lost on the way.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use sealpush::base::OsEntropy;
use sealpush::intake::{RateLimits, RegisterSealed};
use sealpush::model::{Id, Quotas, SenderId};
use sealpush::privacy::RegistrationKeys;
use sealpush::storage::{Digest, NewSubscription, SealedRegistered};
use sealpush_seal::registration::SealedRegistration;
use sha2::Digest as _;

use super::desk::{Desk, NOW};

fn bytes() -> SealedRegistration {
    let mut bytes = vec![7; 1_082];
    bytes[..2].copy_from_slice(&[1, 1]);
    SealedRegistration::from_base64url(&sealpush_seal::base64url::encode(&bytes)).unwrap()
}

/// Stores a sealed registration as the process did that was killed before it sent the code.
async fn stored_without_a_code(desk: &Desk, sender: SenderId) {
    let registration = desk.unregistered();
    let sha256 = sha2::Sha256::digest(bytes().as_bytes()).into();
    let digest = Digest { sender, sha256, keep_until: NOW.plus(Duration::from_hours(24)) };
    let id = Id::random(&OsEntropy);
    let (created_day, relay_key) = (NOW.day(), None);
    let subscription = NewSubscription { id, registration: registration.id, sender, created_day, relay_key };
    let stored = desk.store.registrations.register_sealed(&registration, &subscription, &digest).await;
    assert_eq!(stored.unwrap(), SealedRegistered::Created);
}

#[tokio::test]
async fn a_code_that_was_lost_is_sent_when_the_same_bytes_come_again_and_only_then() {
    let desk = Desk::new().await;
    let sender = desk.sender(Id::random(&OsEntropy)).await;
    stored_without_a_code(&desk, sender).await;
    let keys = Arc::new(RegistrationKeys::default());
    let prove = Arc::clone(&desk.prove);
    let unlimited = RateLimits::new(&Quotas::new(), &desk.time(), Arc::new(OsEntropy), Arc::default());
    let (apps, limits) = (desk.apps.clone(), Arc::new(unlimited));
    let register = RegisterSealed::new(&desk.store, apps, keys, prove, desk.time(), limits);

    for _ in 0..2 {
        let again = register.register(sender, &bytes()).await.unwrap();
        assert!(again.pending && !again.created);
    }

    assert!(!desk.queue.next().await.delivery.payload.is_notification());
    assert!(desk.queue.next().now_or_never().is_none());
}

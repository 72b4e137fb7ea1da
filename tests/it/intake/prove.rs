//! Codes in the order in which requests that cross each other come to them.

use std::time::Duration;

use sealpush::intake::Standing;
use sealpush::model::{CodeHash, Environment, TokenKind};
use sealpush::storage::Issued;

use super::desk::{Desk, NOW, token};

const HOUR: Duration = Duration::from_hours(1);

/// Two requests replace a token at once; the second writes before the first asks for its code.
#[tokio::test]
async fn a_code_goes_to_the_token_that_it_proves_where_that_was_just_replaced() {
    let desk = Desk::new().await;
    let (first, second) = (desk.registration().await, token());
    let (environment, kind) = (Some(Environment::Production), TokenKind::Standard);
    let replaced = desk.store.registrations.replace_token(first.id, &second, environment, kind, NOW).await;
    replaced.unwrap();

    assert_eq!(desk.prove.send_code(&first).await.unwrap(), Standing::CodeSent);

    let lease = desk.queue.next().await;
    assert_eq!(lease.delivery.reach.device_token, second);
}

/// A relay that stops in an outage: nobody takes the leases any more.
#[tokio::test]
async fn codes_that_never_left_are_taken_back_before_the_end() {
    let desk = Desk::new().await;
    let registrations = [desk.registration().await, desk.registration().await, desk.registration().await];
    for registration in &registrations {
        assert_eq!(desk.prove.send_code(registration).await.unwrap(), Standing::CodeSent);
    }
    let Desk { store, queue, codes_back, prove, .. } = desk;

    drop((queue, prove));
    codes_back.run().await;

    for registration in &registrations {
        let issued = store.confirmations.issue_code(registration.id, CodeHash([1; 32]), NOW, HOUR).await;
        assert!(matches!(issued.unwrap(), Issued::Done(_)));
    }
}

//! Codes in the order in which requests that cross each other come to them.

use sealpush::intake::Standing;
use sealpush::model::{Environment, TokenKind};

use super::desk::{Desk, NOW, token};

/// Two requests replace a token at once; the second writes before the first asks for its code.
#[tokio::test]
async fn a_code_goes_to_the_token_that_it_proves_where_that_was_just_replaced() {
    let mut desk = Desk::new().await;
    let (first, second) = (desk.registration().await, token());
    let (environment, kind) = (Some(Environment::Production), TokenKind::Standard);
    let replaced = desk.store.registrations.replace_token(first.id, &second, environment, kind, NOW).await;
    replaced.unwrap();

    assert_eq!(desk.prove.send_code(&first).await.unwrap(), Standing::CodeSent);

    let lease = desk.queue.recv().await.unwrap();
    assert_eq!(lease.delivery.reach.device_token, second);
}

//! Operators' tokens.

use sealpush::base::{Day, UnixMillis};
use sealpush::model::{OperatorRole, OperatorToken, SecretHash};

use super::on_every_engine;
use super::test_store::{NOW, TestStore, entry, id};

on_every_engine!(
    a_token_is_found_as_it_was_added,
    tokens_are_listed_in_pages,
    the_day_of_a_tokens_last_use_never_goes_back,
    a_revoked_token_is_gone_at_once,
    expired_tokens_are_erased,
);

fn token(role: OperatorRole, expires_at: Option<i64>) -> OperatorToken {
    let expires_at = expires_at.map(UnixMillis);
    OperatorToken { id: id(), secret_hash: SecretHash([4; 32]), role, expires_at, last_used_day: None }
}

async fn add(store: &TestStore, token: &OperatorToken) {
    store.operator_tokens.add(token, &entry("operator_token.add")).await.unwrap();
}

async fn a_token_is_found_as_it_was_added(store: &TestStore) {
    for token in [token(OperatorRole::Viewer, None), token(OperatorRole::Owner, Some(NOW.0))] {
        add(store, &token).await;
        assert_eq!(store.operator_tokens.find(token.id).await.unwrap(), Some(token));
    }
    assert_eq!(store.operator_tokens.find(id()).await.unwrap(), None);
}

async fn tokens_are_listed_in_pages(store: &TestStore) {
    let mut tokens = [(); 3].map(|()| token(OperatorRole::Viewer, None));
    for token in &tokens {
        add(store, token).await;
    }
    tokens.sort_by_key(|token| token.id);

    let first = store.operator_tokens.list(None, 2).await.unwrap();
    let rest = store.operator_tokens.list(Some(first[1].id), 2).await.unwrap();

    assert_eq!([first, rest].concat(), tokens);
}

async fn the_day_of_a_tokens_last_use_never_goes_back(store: &TestStore) {
    let token = token(OperatorRole::Viewer, None);
    add(store, &token).await;
    for (day, expected) in [(20, 20), (19, 20), (21, 21)] {
        store.operator_tokens.used(token.id, Day(day)).await.unwrap();
        let known = store.operator_tokens.find(token.id).await.unwrap().unwrap();
        assert_eq!(known.last_used_day, Some(Day(expected)));
    }
}

async fn a_revoked_token_is_gone_at_once(store: &TestStore) {
    let token = token(OperatorRole::Owner, None);
    add(store, &token).await;
    let entry = entry("operator_token.revoke");

    assert!(store.operator_tokens.revoke(token.id, &entry).await.unwrap());

    assert_eq!(store.operator_tokens.find(token.id).await.unwrap(), None);
    assert!(!store.operator_tokens.revoke(token.id, &entry).await.unwrap());
}

async fn expired_tokens_are_erased(store: &TestStore) {
    let ended = token(OperatorRole::Owner, Some(NOW.0));
    let rest = [token(OperatorRole::Owner, Some(NOW.0 + 1)), token(OperatorRole::Viewer, None)];
    for token in [&ended, &rest[0], &rest[1]] {
        add(store, token).await;
    }

    assert_eq!(store.operator_tokens.forget_expired(NOW, 10).await.unwrap(), 1);

    assert_eq!(store.operator_tokens.find(ended.id).await.unwrap(), None);
    assert_eq!(store.operator_tokens.list(None, 10).await.unwrap().len(), 2);
}

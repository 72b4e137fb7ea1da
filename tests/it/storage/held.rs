//! What is held about a sender and on a registration: all of it is shown, or said not to be.

use std::collections::BTreeSet;
use std::time::Duration;

use sealpush::model::{
    AuditEntry, CodeHash, Held, HeldCursor, HeldPage, HeldRow, Reach, RegistrationId, SecretHash, SenderId,
    SubscriptionId,
};
use sealpush::privacy::inventory;
use sealpush::privacy::rights::{
    ABOUT_NOBODY, ABOUT_REGISTRATIONS, ABOUT_SENDERS, NOT_SHOWN_TO_APPS, NOT_SHOWN_TO_SENDERS, NotShown,
};
use sealpush::storage::{Digest, Issued, Joining, NewInvite, NewSubscription, ShownInvite, StorageError};

use super::contents::with_readable_content;
use super::on_every_engine;
use super::shared_usage::with_every_figure;
use super::test_store::{
    NOW, TestStore, delivery, entry, id, new_credential, notification, registration, sender, token,
};

on_every_engine!(
    every_column_about_a_sender_is_shown_to_it_or_said_not_to_be,
    every_column_on_a_registration_is_shown_to_its_app_or_said_not_to_be,
    nothing_of_another_sender_is_shown,
    a_page_ends_where_the_next_begins,
    who_has_nothing_is_shown_nothing,
);

/// Every page, from the first to the last, and how many there are.
async fn pages<F: Future<Output = Result<HeldPage, StorageError>>>(
    mut page: impl FnMut(Option<HeldCursor>) -> F,
) -> (Vec<HeldRow>, usize) {
    let (mut rows, mut after, mut count) = (Vec::new(), None, 0);
    loop {
        let HeldPage { rows: more, next } = page(after).await.unwrap();
        rows.extend(more);
        count += 1;
        let Some(next) = next else { return (rows, count) };
        // As a client hands it on.
        after = Some(next.to_string().parse().unwrap());
    }
}

async fn of_sender(store: &TestStore, sender: SenderId) -> (Vec<HeldRow>, usize) {
    pages(|after| async move { store.held.held_of_sender(sender, after.as_ref()).await }).await
}

async fn on_registration(store: &TestStore, registration: RegistrationId) -> (Vec<HeldRow>, usize) {
    pages(|after| async move { store.held.held_on_registration(registration, after.as_ref()).await }).await
}

/// A sender with a row in every table, and how its device is reached.
async fn one_of_each(store: &TestStore) -> Reach {
    let (new, credential) = (sender(), new_credential());
    let sender = new.id;
    let (secret_hash, expires_at) = (SecretHash([5; 32]), NOW.plus(Duration::from_secs(1)));
    let invite = NewInvite { id: id(), secret_hash, expires_at };
    store.admission.invite(&[invite], &entry("invite.add")).await.unwrap();
    let shown = ShownInvite { id: invite.id, secret_hash: invite.secret_hash, again_since: None };
    let about = AuditEntry { subject: sender.to_string(), ..entry("sender.join") };
    store.admission.join(&Joining { sender: new, credential, invite: Some(shown) }, &about).await.unwrap();
    // Sealed, and waiting for the echo of a code.
    let sealed = registration(&token(&"ab".repeat(32)));
    let subscription = NewSubscription {
        id: id(),
        registration: sealed.id,
        sender,
        created_day: NOW.day(),
        relay_key: None,
    };
    let digest = Digest { sender, sha256: [6; 32], keep_until: NOW };
    store.registrations.register_sealed(&sealed, &subscription, &digest).await.unwrap();
    let issued = store.confirmations.issue_code(sealed.id, CodeHash([7; 32]), NOW, Duration::ZERO).await;
    assert!(matches!(issued, Ok(Issued::Done(_))), "{issued:?}");
    // Another device of its own ended.
    let ended = store.reached_by(sender).await;
    store.registrations.unsubscribe(ended.subscription, NOW).await.unwrap();
    with_every_figure(store, sender).await;
    let reach = store.reach_of(sender, subscription.id).await.unwrap();
    waits_with_clear_content(store, &reach).await;
    reach
}

/// Two deliveries that share readable content.
async fn waits_with_clear_content(store: &TestStore, reach: &Reach) {
    let notification = notification(reach.sender);
    let mut deliveries = [delivery(&notification, reach), delivery(&notification, reach)];
    with_readable_content(&mut deliveries).await;
    store.promise(&notification, &deliveries.iter().collect::<Vec<_>>()).await;
}

fn columns(rows: &[HeldRow]) -> BTreeSet<(&'static str, &'static str)> {
    rows.iter().flat_map(|row| row.values.iter().map(|(column, _)| (row.table, *column))).collect()
}

/// Fails where a column of one of `tables` is in neither list, or in both.
fn nothing_is_forgotten(
    tables: &[&str],
    shown: &BTreeSet<(&'static str, &'static str)>,
    not_shown: &[NotShown],
    reader: inventory::Reader,
) {
    for field in inventory::stored().filter(|field| tables.contains(&field.table)) {
        let is_shown = shown.contains(&(field.table, field.column));
        let is_named = not_shown.iter().any(|one| (one.table, one.column) == (field.table, field.column));
        assert!(is_shown != is_named, "{}.{}: shown {is_shown}, named {is_named}", field.table, field.column);
        assert!(!is_shown || field.shown_to.contains(&reader), "the inventory does not say so: {field:?}");
    }
}

async fn every_column_about_a_sender_is_shown_to_it_or_said_not_to_be(store: &TestStore) {
    let reach = one_of_each(store).await;

    let (rows, _) = of_sender(store, reach.sender).await;

    let shown = columns(&rows);
    nothing_is_forgotten(ABOUT_SENDERS, &shown, NOT_SHOWN_TO_SENDERS, inventory::Reader::ItsSender);
    // Nothing of the device but the subscription.
    let text = format!("{rows:?}");
    assert!(!text.contains(&reach.registration.to_string()), "{text}");
}

async fn every_column_on_a_registration_is_shown_to_its_app_or_said_not_to_be(store: &TestStore) {
    let reach = one_of_each(store).await;

    let (rows, _) = on_registration(store, reach.registration).await;

    nothing_is_forgotten(ABOUT_REGISTRATIONS, &columns(&rows), NOT_SHOWN_TO_APPS, inventory::Reader::ItsApp);
    let text = format!("{rows:?}");
    assert!(!text.contains(&"ab".repeat(32)), "{text}");
}

async fn nothing_of_another_sender_is_shown(store: &TestStore) {
    let (one, other) = (one_of_each(store).await, store.reached().await);

    let (rows, _) = of_sender(store, other.sender).await;

    let tables: Vec<_> = rows.iter().map(|row| row.table).collect();
    assert_eq!(tables, ["senders", "credentials", "subscriptions"]);
    assert!(!format!("{rows:?}").contains(&one.sender.to_string()));
    let (rows, _) = on_registration(store, other.registration).await;
    let tables: Vec<_> = rows.iter().map(|row| row.table).collect();
    assert_eq!(tables, ["registrations", "subscriptions"]);
}

async fn a_page_ends_where_the_next_begins(store: &TestStore) {
    let sender = store.sender().await;
    let device = store.registration().await;
    let mut subscriptions = BTreeSet::new();
    for _ in 0..1_100 {
        subscriptions.insert(store.subscription(sender, device.id).await.to_string());
    }
    let reach =
        store.reach_of(sender, subscriptions.first().unwrap().parse::<SubscriptionId>().unwrap()).await;
    for _ in 0..25 {
        waits_with_clear_content(store, reach.as_ref().unwrap()).await;
    }

    let (rows, count) = of_sender(store, sender).await;

    let of = |table| rows.iter().filter(move |row| row.table == table);
    let shown: BTreeSet<_> = of("subscriptions").map(|row| format!("{:?}", row.values[0].1)).collect();
    let all: BTreeSet<_> = subscriptions.iter().map(|id| format!("{:?}", Held::Text(id.clone()))).collect();
    assert_eq!((shown, of("subscriptions").count()), (all, 1_100));
    assert_eq!((of("notifications").count(), of("deliveries").count(), of("contents").count()), (25, 50, 25));
    let ids: BTreeSet<_> = of("deliveries").map(|row| format!("{:?}", row.values[1].1)).collect();
    assert_eq!(ids.len(), 50);
    assert!(count >= 4, "{count} pages");
}

async fn who_has_nothing_is_shown_nothing(store: &TestStore) {
    assert_eq!(of_sender(store, id()).await, (Vec::new(), 1));
    assert_eq!(on_registration(store, id()).await, (Vec::new(), 1));
    let beyond = HeldCursor { table: 200, key: vec![1] };
    let page = store.held.held_of_sender(id(), Some(&beyond)).await.unwrap();
    assert_eq!(page, HeldPage { rows: Vec::new(), next: None });
}

/// A new table has to say whose its rows are.
#[test]
fn every_table_is_about_a_sender_a_registration_or_nobody() {
    let tables: BTreeSet<_> = inventory::stored().map(|field| field.table).collect();
    for table in &tables {
        let about_somebody = ABOUT_SENDERS.contains(table) || ABOUT_REGISTRATIONS.contains(table);
        assert!(about_somebody != ABOUT_NOBODY.contains(table), "{table}");
    }
    for field in inventory::stored().filter(|field| field.column == "sender") {
        assert!(ABOUT_SENDERS.contains(&field.table), "{field:?}");
    }
    for named in NOT_SHOWN_TO_SENDERS.iter().chain(NOT_SHOWN_TO_APPS) {
        let exists =
            inventory::stored().any(|field| (field.table, field.column) == (named.table, named.column));
        assert!(exists, "{named:?}");
    }
}

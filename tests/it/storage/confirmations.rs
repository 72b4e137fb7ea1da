//! Codes: one per token and hour, each judged by its registrations on their own.

use std::time::Duration;

use sealpush::base::UnixMillis;
use sealpush::model::{
    CodeHash, DeviceToken, Environment, Registration, RegistrationId, SenderId, TokenKind,
};
use sealpush::storage::{Echo, Echoed, Issued, IssuedCode, Replaced};

use super::on_every_engine;
use super::test_store::{NOW, TestStore, id, random_token};

on_every_engine!(
    the_right_echo_confirms_a_registration_and_counts_as_registered,
    a_wrong_echo_costs_a_try_and_the_last_one_the_code,
    a_code_counts_for_its_time_and_no_longer,
    a_code_of_the_future_does_not_count_and_stops_no_other,
    a_token_gets_one_code_in_a_pause_whoever_registers_it,
    every_registration_of_the_token_may_echo_its_code_with_tries_of_its_own,
    a_confirmed_registration_gets_no_code,
    a_code_that_was_taken_back_makes_room_for_another,
    a_code_belongs_to_the_token_that_the_registration_has_when_it_is_issued,
    a_code_is_taken_back_from_the_token_that_it_was_for,
    what_is_not_there_gets_no_code_and_no_echo,
    a_new_token_is_not_confirmed_and_the_same_one_stays,
    what_a_reach_says_follows_the_echo,
);

const CODE: CodeHash = CodeHash([7; 32]);
const OTHER: CodeHash = CodeHash([8; 32]);
const PAUSE: Duration = Duration::from_hours(1);
const VALID: Duration = Duration::from_mins(15);

fn at(seconds: i64) -> UnixMillis {
    UnixMillis(NOW.0 + seconds * 1000)
}

fn echo(registration: RegistrationId, code: CodeHash, at: UnixMillis) -> Echo {
    Echo { registration, code, at, valid: VALID, tries: 5 }
}

async fn issue(store: &TestStore, registration: RegistrationId, code: CodeHash, at: UnixMillis) -> Issued {
    store.confirmations.issue_code(registration, code, at, PAUSE).await.unwrap()
}

async fn judge(store: &TestStore, registration: RegistrationId, code: CodeHash, at: UnixMillis) -> Echoed {
    store.confirmations.echo(&echo(registration, code, at)).await.unwrap()
}

async fn read(store: &TestStore, registration: RegistrationId) -> Registration {
    store.registrations.registration(registration).await.unwrap().unwrap()
}

/// A registration whose token got [`CODE`] at [`NOW`].
async fn issued(store: &TestStore) -> Registration {
    let registration = store.registration().await;
    assert_eq!(issue(store, registration.id, CODE, NOW).await, done(&registration));
    registration
}

async fn withdraw(store: &TestStore, to: &Registration, code: CodeHash) {
    let codes = [IssuedCode { to: to.clone(), code }, IssuedCode { to: store.registration().await, code }];
    store.confirmations.withdraw_codes(&codes).await.unwrap();
}

/// The code was issued to the token of this registration.
fn done(registration: &Registration) -> Issued {
    Issued::Done(Box::new(registration.clone()))
}

/// Gives a registration this token, at a later time.
async fn replace(store: &TestStore, registration: &Registration, device_token: DeviceToken) -> Registration {
    let (environment, kind) = (Some(Environment::Sandbox), TokenKind::Standard);
    let replaced =
        store.registrations.replace_token(registration.id, &device_token, environment, kind, at(1)).await;
    assert_eq!(replaced.unwrap(), Replaced::Done);
    read(store, registration.id).await
}

async fn the_right_echo_confirms_a_registration_and_counts_as_registered(store: &TestStore) {
    let registration = issued(store).await;
    assert!(!read(store, registration.id).await.echoed);

    assert_eq!(judge(store, registration.id, CODE, at(60)).await, Echoed::Done);

    let confirmed = read(store, registration.id).await;
    assert!(confirmed.echoed);
    assert_eq!(confirmed.registered_at, at(60));
    assert_eq!(judge(store, registration.id, OTHER, at(90)).await, Echoed::Done, "it is confirmed already");
}

async fn a_wrong_echo_costs_a_try_and_the_last_one_the_code(store: &TestStore) {
    let registration = issued(store).await.id;
    for tries_left in [4, 3, 2, 1, 0] {
        assert_eq!(judge(store, registration, OTHER, at(1)).await, Echoed::Wrong { tries_left });
    }
    assert_eq!(judge(store, registration, CODE, at(1)).await, Echoed::NoCode);
    assert!(!read(store, registration).await.echoed);
    assert_eq!(issue(store, registration, OTHER, at(3600)).await, done(&read(store, registration).await));
    assert_eq!(judge(store, registration, OTHER, at(3601)).await, Echoed::Done);
}

async fn a_code_counts_for_its_time_and_no_longer(store: &TestStore) {
    let [late, in_time] = [issued(store).await.id, issued(store).await.id];
    assert_eq!(judge(store, late, CODE, UnixMillis(at(900).0 + 1)).await, Echoed::NoCode);
    assert_eq!(judge(store, in_time, CODE, at(900)).await, Echoed::Done);
}

async fn a_code_of_the_future_does_not_count_and_stops_no_other(store: &TestStore) {
    let registration = issued(store).await.id;
    assert_eq!(judge(store, registration, CODE, at(-1)).await, Echoed::NoCode);
    assert_eq!(issue(store, registration, OTHER, at(-1)).await, done(&read(store, registration).await));
    assert_eq!(judge(store, registration, OTHER, at(-1)).await, Echoed::Done);
}

async fn a_token_gets_one_code_in_a_pause_whoever_registers_it(store: &TestStore) {
    let first = issued(store).await;
    let second = Registration { id: id(), ..first.clone() };
    store.registrations.register(&second).await.unwrap();
    store.registrations.unregister(first.id, NOW).await.unwrap();

    assert_eq!(issue(store, second.id, OTHER, at(3599)).await, Issued::TooSoon(NOW));
    assert_eq!(issue(store, second.id, OTHER, at(3600)).await, done(&second));
    assert_eq!(judge(store, second.id, CODE, at(3600)).await, Echoed::Wrong { tries_left: 4 });
}

async fn every_registration_of_the_token_may_echo_its_code_with_tries_of_its_own(store: &TestStore) {
    let first = issued(store).await;
    let second = Registration { id: id(), ..first.clone() };
    store.registrations.register(&second).await.unwrap();
    for _ in 0..5 {
        judge(store, first.id, OTHER, at(1)).await;
    }

    assert_eq!(judge(store, second.id, CODE, at(2)).await, Echoed::Done);

    assert_eq!(judge(store, first.id, CODE, at(2)).await, Echoed::NoCode);
    assert!(!read(store, first.id).await.echoed);
}

async fn a_confirmed_registration_gets_no_code(store: &TestStore) {
    let registration = issued(store).await.id;
    judge(store, registration, CODE, NOW).await;
    assert_eq!(issue(store, registration, OTHER, at(7200)).await, Issued::Confirmed);
}

async fn a_code_that_was_taken_back_makes_room_for_another(store: &TestStore) {
    let registration = issued(store).await;
    withdraw(store, &registration, OTHER).await;
    assert_eq!(issue(store, registration.id, OTHER, at(1)).await, Issued::TooSoon(NOW));

    withdraw(store, &registration, CODE).await;

    assert_eq!(judge(store, registration.id, CODE, at(1)).await, Echoed::NoCode);
    assert_eq!(issue(store, registration.id, OTHER, at(1)).await, done(&registration));
}

/// Whoever asked for the code read the registration before its token was replaced.
async fn a_code_belongs_to_the_token_that_the_registration_has_when_it_is_issued(store: &TestStore) {
    let before = store.registration().await;
    let after = replace(store, &before, random_token()).await;
    let old = Registration { id: id(), ..before.clone() };
    store.registrations.register(&old).await.unwrap();

    assert_eq!(issue(store, before.id, CODE, at(2)).await, done(&after));

    assert_eq!(issue(store, old.id, OTHER, at(2)).await, done(&old), "the old token got none");
}

async fn a_code_is_taken_back_from_the_token_that_it_was_for(store: &TestStore) {
    let before = issued(store).await;
    let after = replace(store, &before, random_token()).await;

    withdraw(store, &before, CODE).await;

    let again = replace(store, &after, before.device_token.clone()).await;
    assert_eq!(issue(store, before.id, OTHER, at(2)).await, done(&again));
}

async fn what_is_not_there_gets_no_code_and_no_echo(store: &TestStore) {
    assert_eq!(issue(store, id(), CODE, NOW).await, Issued::Missing);
    assert_eq!(judge(store, id(), CODE, NOW).await, Echoed::Missing);
}

async fn a_new_token_is_not_confirmed_and_the_same_one_stays(store: &TestStore) {
    let registration = issued(store).await;
    judge(store, registration.id, CODE, NOW).await;
    for (token, echoed) in [(registration.device_token.clone(), true), (random_token(), false)] {
        assert_eq!(replace(store, &registration, token).await.echoed, echoed);
    }
}

async fn what_a_reach_says_follows_the_echo(store: &TestStore) {
    let sender: SenderId = store.sender().await;
    let registration = super::test_store::registration(&random_token());
    store.registrations.register(&registration).await.unwrap();
    let subscription = store.subscription(sender, registration.id).await;
    assert!(!store.reach_of(sender, subscription).await.unwrap().echoed);

    issue(store, registration.id, CODE, NOW).await;
    judge(store, registration.id, CODE, NOW).await;

    assert!(store.reach_of(sender, subscription).await.unwrap().confirmed());
}

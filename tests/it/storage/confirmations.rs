//! Codes: one per token and hour, each judged by its registrations on their own.

use std::time::Duration;

use sealpush::base::UnixMillis;
use sealpush::model::{CodeHash, Environment, Registration, RegistrationId, SenderId, TokenKind};
use sealpush::storage::{Echo, Echoed, Issued};

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
    assert_eq!(issue(store, registration.id, CODE, NOW).await, Issued::Done);
    registration
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
    assert_eq!(issue(store, registration, OTHER, at(3600)).await, Issued::Done);
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
    assert_eq!(issue(store, registration, OTHER, at(-1)).await, Issued::Done);
    assert_eq!(judge(store, registration, OTHER, at(-1)).await, Echoed::Done);
}

async fn a_token_gets_one_code_in_a_pause_whoever_registers_it(store: &TestStore) {
    let first = issued(store).await;
    let second = Registration { id: id(), ..first.clone() };
    store.registrations.register(&second).await.unwrap();
    store.registrations.unregister(first.id, NOW).await.unwrap();

    assert_eq!(issue(store, second.id, OTHER, at(3599)).await, Issued::TooSoon(NOW));
    assert_eq!(issue(store, second.id, OTHER, at(3600)).await, Issued::Done);
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
    let registration = issued(store).await.id;
    store.confirmations.withdraw_code(registration, OTHER).await.unwrap();
    assert_eq!(issue(store, registration, OTHER, at(1)).await, Issued::TooSoon(NOW));

    store.confirmations.withdraw_code(registration, CODE).await.unwrap();

    assert_eq!(judge(store, registration, CODE, at(1)).await, Echoed::NoCode);
    assert_eq!(issue(store, registration, OTHER, at(1)).await, Issued::Done);
}

async fn what_is_not_there_gets_no_code_and_no_echo(store: &TestStore) {
    assert_eq!(issue(store, id(), CODE, NOW).await, Issued::Missing);
    assert_eq!(judge(store, id(), CODE, NOW).await, Echoed::Missing);
}

async fn a_new_token_is_not_confirmed_and_the_same_one_stays(store: &TestStore) {
    let registration = issued(store).await;
    judge(store, registration.id, CODE, NOW).await;
    for (token, echoed) in [(registration.device_token.clone(), true), (random_token(), false)] {
        let environment = Some(Environment::Sandbox);
        let replaced = store.registrations.replace_token(
            registration.id,
            &token,
            environment,
            TokenKind::Standard,
            at(1),
        );
        replaced.await.unwrap();
        assert_eq!(read(store, registration.id).await.echoed, echoed);
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

//! Registrations: our records of device tokens.

use sealpush::base::{Day, UnixMillis};
use sealpush::model::{DeviceToken, Environment, PushService, Registration, SecretHash, TokenKind};
use sealpush::storage::{Registered, Removed, Replaced, Used};

use super::on_every_engine;
use super::test_store::{NOW, TestStore, app, id, random_token, registration};

on_every_engine!(
    a_registration_is_read_as_it_was_registered,
    an_unknown_registration_is_none,
    a_repeated_registration_is_the_same,
    a_repeated_registration_counts_as_the_newest,
    an_id_belongs_to_the_first_registration,
    two_registrations_may_hold_one_token,
    a_replaced_token_is_the_one_that_is_reached,
    a_token_of_another_push_service_may_take_the_place,
    the_same_token_registered_again_stays_accepted_and_a_new_one_does_not,
    nothing_is_replaced_where_there_is_no_registration,
    an_unregistered_device_is_forgotten_with_its_subscriptions,
    nothing_is_unregistered_where_there_is_no_registration,
    what_was_accepted_is_noted_for_all_at_once,
    what_was_found_of_a_token_says_nothing_of_the_one_that_replaced_it,
    an_older_day_does_not_take_the_place_of_a_newer,
    noting_nothing_is_nothing,
    registrations_and_subscriptions_are_counted,
);

async fn a_registration_is_read_as_it_was_registered(store: &TestStore) {
    let apns = registration(&random_token());
    let fcm = Registration {
        environment: None,
        accepted_day: Some(Day(3)),
        ..registration(&DeviceToken::parse(PushService::Fcm, "dV9:APA91b-x_y").unwrap())
    };
    let voip = Registration {
        environment: Some(Environment::Sandbox),
        token_kind: TokenKind::Voip,
        ..registration(&random_token())
    };
    for registration in [apns, fcm, voip] {
        let registered = store.registrations.register(&registration).await.unwrap();

        assert_eq!(registered, Registered::Created);
        let found = store.registrations.registration(registration.id).await.unwrap();
        assert_eq!(found, Some(registration));
    }
}

async fn an_unknown_registration_is_none(store: &TestStore) {
    assert_eq!(store.registrations.registration(id()).await.unwrap(), None);
}

async fn a_repeated_registration_is_the_same(store: &TestStore) {
    let mut first = registration(&random_token());
    first.accepted_day = Some(Day(7));
    store.registrations.register(&first).await.unwrap();

    let again = Registration { accepted_day: None, ..first.clone() };
    assert_eq!(store.registrations.register(&again).await.unwrap(), Registered::Same);

    assert_eq!(store.registrations.registration(first.id).await.unwrap(), Some(first));
}

/// The app says that the token lives, and for what: a 410 about the time before must not retire it.
async fn a_repeated_registration_counts_as_the_newest(store: &TestStore) {
    let first = store.registration().await;
    let again = Registration {
        registered_at: UnixMillis(NOW.0 + 5),
        environment: Some(Environment::Sandbox),
        token_kind: TokenKind::Voip,
        ..first.clone()
    };

    assert_eq!(store.registrations.register(&again).await.unwrap(), Registered::Same);

    let since = Some(UnixMillis(NOW.0 + 4));
    let retired = store.retire(&first.app, &first.device_token, since, NOW).await.unwrap();
    assert_eq!(retired, 0);
    assert_eq!(store.registrations.registration(first.id).await.unwrap(), Some(again));
}

async fn an_id_belongs_to_the_first_registration(store: &TestStore) {
    let first = store.registration().await;
    let others = [
        Registration { device_token: random_token(), ..first.clone() },
        Registration { secret_hash: SecretHash([9; 32]), ..first.clone() },
        Registration { app: "other".parse().unwrap(), ..first.clone() },
    ];

    for other in others {
        assert_eq!(store.registrations.register(&other).await.unwrap(), Registered::IdTaken);
    }

    assert_eq!(store.registrations.registration(first.id).await.unwrap(), Some(first));
}

async fn two_registrations_may_hold_one_token(store: &TestStore) {
    let token = random_token();

    for _ in 0..2 {
        let registered = store.registrations.register(&registration(&token)).await.unwrap();
        assert_eq!(registered, Registered::Created);
    }

    assert_eq!(store.registrations.count().await.unwrap(), (2, 0));
}

async fn a_replaced_token_is_the_one_that_is_reached(store: &TestStore) {
    let reach = store.reached().await;
    let (token, at) = (random_token(), UnixMillis(NOW.0 + 5));

    let replaced = store
        .registrations
        .replace_token(reach.registration, &token, Some(Environment::Sandbox), TokenKind::Voip, at)
        .await;

    assert_eq!(replaced.unwrap(), Replaced::Done);
    let now = store.reach_of(reach.sender, reach.subscription).await.unwrap();
    assert_eq!((now.environment, now.token_kind), (Some(Environment::Sandbox), TokenKind::Voip));
    assert_eq!((now.device_token.clone(), now.registered_at), (token.clone(), at));
    // It is found by the new token, and no longer by the old one.
    let retire = async |token| store.retire(&app(), token, None, NOW).await.unwrap();
    assert_eq!(retire(&reach.device_token).await, 0);
    assert_eq!(retire(&token).await, 1);
}

async fn a_token_of_another_push_service_may_take_the_place(store: &TestStore) {
    let reach = store.reached().await;
    let token = DeviceToken::parse(PushService::Fcm, "token").unwrap();

    let replaced =
        store.registrations.replace_token(reach.registration, &token, None, TokenKind::Standard, NOW).await;

    assert_eq!(replaced.unwrap(), Replaced::Done);
    let now = store.reach_of(reach.sender, reach.subscription).await.unwrap();
    assert_eq!((now.push_service, now.device_token), (PushService::Fcm, token));
}

async fn the_same_token_registered_again_stays_accepted_and_a_new_one_does_not(store: &TestStore) {
    let mut first = registration(&random_token());
    first.accepted_day = Some(Day(7));
    store.registrations.register(&first).await.unwrap();
    let accepted_day_with = async |token: &DeviceToken| {
        let environment = first.environment;
        let replaced = store
            .registrations
            .replace_token(first.id, token, environment, first.token_kind, UnixMillis(NOW.0 + 5))
            .await;
        assert_eq!(replaced.unwrap(), Replaced::Done);
        store.registrations.registration(first.id).await.unwrap().unwrap().accepted_day
    };

    assert_eq!(accepted_day_with(&first.device_token).await, Some(Day(7)));
    assert_eq!(accepted_day_with(&random_token()).await, None);
}

async fn nothing_is_replaced_where_there_is_no_registration(store: &TestStore) {
    let replaced =
        store.registrations.replace_token(id(), &random_token(), None, TokenKind::Standard, NOW).await;
    assert_eq!(replaced.unwrap(), Replaced::Missing);
}

async fn an_unregistered_device_is_forgotten_with_its_subscriptions(store: &TestStore) {
    let reach = store.reached().await;

    let removed = store.registrations.unregister(reach.registration, NOW).await.unwrap();

    let Removed::Done(erased) = removed else { panic!("{removed:?}") };
    assert_eq!(erased.rows.get("subscriptions"), Some(&1), "{erased:?}");
    assert_eq!(store.registrations.registration(reach.registration).await.unwrap(), None);
    assert_eq!(store.registrations.subscription(reach.subscription).await.unwrap(), None);
    assert_eq!(store.reach_of(reach.sender, reach.subscription).await, None);
}

async fn nothing_is_unregistered_where_there_is_no_registration(store: &TestStore) {
    assert_eq!(store.registrations.unregister(id(), NOW).await.unwrap(), Removed::Missing);
}

async fn what_was_accepted_is_noted_for_all_at_once(store: &TestStore) {
    let (one, two, three) = (store.reached().await, store.reached().await, store.reached().await);
    let used =
        [(&one, Day(5), None), (&two, Day(6), Some(Environment::Sandbox))].map(|(reach, day, found)| Used {
            subscription: reach.subscription,
            registration: reach.registration,
            day,
            environment: found,
            registered_at: reach.registered_at,
        });

    store.used(&used).await.unwrap();

    let now = async |reach: &sealpush::model::Reach| {
        let now = store.reach_of(reach.sender, reach.subscription).await.unwrap();
        (now.used, now.accepted_day, now.environment)
    };
    assert_eq!(now(&one).await, (true, Some(Day(5)), Some(Environment::Production)));
    assert_eq!(now(&two).await, (true, Some(Day(6)), Some(Environment::Sandbox)));
    assert_eq!(now(&three).await, (false, None, Some(Environment::Production)));
}

async fn what_was_found_of_a_token_says_nothing_of_the_one_that_replaced_it(store: &TestStore) {
    let reach = store.reached().await;
    let found = Used {
        subscription: reach.subscription,
        registration: reach.registration,
        day: Day(5),
        environment: Some(Environment::Sandbox),
        registered_at: reach.registered_at,
    };
    let (production, at) = (Some(Environment::Production), UnixMillis(reach.registered_at.0 + 1));
    let (id, token) = (reach.registration, random_token());
    let replaced = store.registrations.replace_token(id, &token, production, TokenKind::Standard, at).await;
    assert_eq!(replaced.unwrap(), Replaced::Done);

    store.used(&[found]).await.unwrap();

    let now = store.reach_of(reach.sender, reach.subscription).await.unwrap();
    assert_eq!((now.environment, now.accepted_day), (production, None));
}

async fn an_older_day_does_not_take_the_place_of_a_newer(store: &TestStore) {
    let reach = store.reached().await;
    for (day, expected) in [(Day(5), Day(5)), (Day(4), Day(5)), (Day(6), Day(6))] {
        let (subscription, registration) = (reach.subscription, reach.registration);
        let used = Used { subscription, registration, day, environment: None, registered_at: NOW };

        store.used(&[used]).await.unwrap();

        let found = store.registrations.registration(registration).await.unwrap().unwrap();
        assert_eq!(found.accepted_day, Some(expected));
    }
}

async fn noting_nothing_is_nothing(store: &TestStore) {
    let unknown =
        Used { subscription: id(), registration: id(), day: Day(1), environment: None, registered_at: NOW };
    store.used(&[]).await.unwrap();
    store.used(&[unknown]).await.unwrap();
    assert_eq!(store.registrations.count().await.unwrap(), (0, 0));
}

async fn registrations_and_subscriptions_are_counted(store: &TestStore) {
    assert_eq!(store.registrations.count().await.unwrap(), (0, 0));
    let reach = store.reached().await;
    store.registration().await;
    store.subscription(reach.sender, reach.registration).await;
    assert_eq!(store.registrations.count().await.unwrap(), (2, 2));
}

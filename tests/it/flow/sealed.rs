//! Sealed registrations: an app hands one to its own server, which learns nothing of the device.

use sealpush_seal::base64url;
use sealpush_seal::registration::{CreatedAt, DeviceToken, RegistrationPlaintext};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::support::sealed::{hand_on, plaintext, published, seal};
use crate::support::{World, now_ms};

#[tokio::test]
async fn a_sealed_registration_makes_a_subscription_that_reaches_the_device() {
    let world = World::start().await;
    let sender = world.sender("seal_or_omit").await;
    let plaintext = plaintext(&world);
    let sealed = seal(&plaintext, &sender, &published(&world).await);

    let made = hand_on(&world, &sender, &sealed).await;

    let subscription = plaintext.subscription.to_string();
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.json(), json!({"subscription": subscription, "state": "active"}));
    let target = json!({"targets": [{"subscription": subscription}]});
    assert_eq!(world.outcome(&sender, target).await["outcome"], "accepted");
    world.end().await;
}

#[tokio::test]
async fn the_same_bytes_get_the_stored_answer_and_register_nothing_again() {
    let world = World::start().await;
    let sender = world.sender("seal_or_omit").await;
    let plaintext = plaintext(&world);
    let sealed = seal(&plaintext, &sender, &published(&world).await);
    hand_on(&world, &sender, &sealed).await;
    let subscription = plaintext.subscription.to_string();
    let path = format!("/v1/subscriptions/{subscription}");
    world.delete(&path, &sender.credential).await;

    let again = hand_on(&world, &sender, &sealed).await;

    assert_eq!((again.status.as_u16(), &again.json()["subscription"]), (200, &Value::from(subscription)));
    assert_eq!(world.relay.get(&path, Some(&sender.credential)).await.code(), "no_such_subscription");
    world.end().await;
}

#[tokio::test]
async fn a_sender_that_hands_on_too_many_waits_and_the_stored_answer_costs_nothing() {
    let world =
        World::builder().config("limits", "rates.sender_registrations = \"1 per hour\"").start().await;
    let (sender, other) = (world.sender("seal_or_omit").await, world.sender("seal_or_omit").await);
    let key = published(&world).await;
    let first = seal(&plaintext(&world), &sender, &key);
    for status in [201, 200, 200] {
        assert_eq!(hand_on(&world, &sender, &first).await.status, status);
    }
    let refused = hand_on(&world, &sender, &seal(&plaintext(&world), &sender, &key)).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["limit"]), (429, &json!("sender_registrations")));
    assert_eq!(hand_on(&world, &other, &seal(&plaintext(&world), &other, &key)).await.status, 201);
    world.end().await;
}

#[tokio::test]
async fn a_sealed_registration_counts_for_its_app() {
    let world = World::builder().config("limits", "rates.app_registrations = \"1 per hour\"").start().await;
    let sender = world.sender("seal_or_omit").await;
    let key = published(&world).await;
    assert_eq!(hand_on(&world, &sender, &seal(&plaintext(&world), &sender, &key)).await.status, 201);
    let refused = hand_on(&world, &sender, &seal(&plaintext(&world), &sender, &key)).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["limit"]), (429, &json!("app_registrations")));
    world.end().await;
}

#[tokio::test]
async fn what_does_not_open_says_no_more_than_that() {
    let world = World::start().await;
    let (sender, other) = (world.sender("seal_or_omit").await, world.sender("seal_or_omit").await);
    let key = published(&world).await;
    let good = plaintext(&world);
    let unknown_app = RegistrationPlaintext { app: "nobody".to_owned(), ..plaintext(&world) };
    let web_push = DeviceToken::WebPush {
        endpoint: Zeroizing::new("https://push.example.org/1".to_owned()),
        p256dh: Box::new([4; 65]),
        auth: Zeroizing::new([1; 16]),
    };
    let unserved = RegistrationPlaintext { device_token: web_push, ..plaintext(&world) };
    for sealed in [
        seal(&good, &other, &key),
        seal(&unknown_app, &sender, &key),
        seal(&unserved, &sender, &key),
        "AQEAAAA".to_owned(),
        "not base64url".to_owned(),
    ] {
        let refused = hand_on(&world, &sender, &sealed).await;
        assert_eq!(
            (refused.status.as_u16(), refused.code().as_str()),
            (422, "opening_failed"),
            "{refused:?}"
        );
    }
    world.end().await;
}

#[tokio::test]
async fn version_suite_key_and_time_are_named() {
    let world = World::start().await;
    let sender = world.sender("seal_or_omit").await;
    let key = published(&world).await;
    let good = seal(&plaintext(&world), &sender, &key);
    let changed = |at: usize| {
        let mut bytes = base64url::decode(&good).unwrap();
        bytes[at] ^= 2;
        base64url::encode(&bytes)
    };
    let mut old = plaintext(&world);
    old.created_at = CreatedAt::from_unix_ms(now_ms() - 86_402_000).unwrap();
    let mut early = plaintext(&world);
    early.created_at = CreatedAt::from_unix_ms(now_ms() + 330_000).unwrap();
    for (sealed, code) in [
        (changed(0), "unsupported_version"),
        (changed(1), "unsupported_suite"),
        (changed(9), "unknown_key"),
        (seal(&old, &sender, &key), "created_at_out_of_window"),
        (seal(&early, &sender, &key), "created_at_out_of_window"),
    ] {
        let refused = hand_on(&world, &sender, &sealed).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (422, code), "{refused:?}");
        assert_eq!(refused.json()["relay_time"].is_string(), code == "created_at_out_of_window");
    }
    world.end().await;
}

#[tokio::test]
async fn a_taken_subscription_id_is_a_conflict_and_a_taken_registration_id_is_not_told() {
    let world = World::start().await;
    let sender = world.sender("seal_or_omit").await;
    let key = published(&world).await;
    let first = plaintext(&world);
    hand_on(&world, &sender, &seal(&first, &sender, &key)).await;
    let subscription = RegistrationPlaintext { subscription: first.subscription, ..plaintext(&world) };
    let registration =
        RegistrationPlaintext { registration: first.registration, secret_hash: [8; 32], ..plaintext(&world) };
    for (plaintext, code) in [(subscription, "subscription_id_taken"), (registration, "opening_failed")] {
        assert_eq!(hand_on(&world, &sender, &seal(&plaintext, &sender, &key)).await.code(), code);
    }
    world.end().await;
}

#[tokio::test]
async fn the_sealed_way_is_pending_too_until_the_device_echoes_the_code() {
    let world = World::builder().app("confirm = \"required\"").start().await;
    let sender = world.sender("seal_or_omit").await;
    let secret = [5; 32];
    let plaintext = RegistrationPlaintext {
        secret_hash: sealpush::model::SecretHash::of(&secret).0,
        ..plaintext(&world)
    };
    let sealed = seal(&plaintext, &sender, &published(&world).await);
    assert_eq!(hand_on(&world, &sender, &sealed).await.json()["state"], "pending");
    let DeviceToken::Apns { token, .. } = &plaintext.device_token else { unreachable!() };
    let id = sealpush::model::RegistrationId::from_bytes(*plaintext.registration.as_bytes());
    let credential = sealpush::model::BearerToken::from_parts(id, secret)
        .reveal(sealpush::model::TokenKindPrefix::Registration);
    let code = json!({"code": world.code(token, 0).await});

    let path = format!("/v1/registrations/{id}/confirm");
    assert_eq!(world.relay.post(&path, Some(&credential), &code).await.status, 204);

    assert_eq!(hand_on(&world, &sender, &sealed).await.json()["state"], "active");
    world.end().await;
}

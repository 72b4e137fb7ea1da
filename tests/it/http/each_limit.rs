//! Each limit, on the routes that it is for, over HTTP.

use http::Method;
use sealpush::model::{BearerToken, CredentialId, RateLimit, TokenKindPrefix};
use serde_json::{Value, json};

use super::limits::{assert_refused, from};
use crate::support::{Answer, Client, Device, PROJECT, Sender, World, fcm};

/// A relay behind a proxy, where this limit lets one through an hour.
async fn limited(limit: RateLimit) -> (World, Sender, Device) {
    let (builder, _) = World::builder().at_a_standstill();
    let line = format!("targets = 1\nrates.{} = \"1 per hour\"", limit.as_str());
    let builder = builder.config("limits", line).config("listen", "address = \"127.0.0.1:0\"");
    let world = builder.config("listen", "trusted_proxies = [\"127.0.0.1\"]").start().await;
    let sender = world.sender("sealed_only").await;
    let device = world.android(&sender, false).await;
    (world, sender, device)
}

/// What this limit is about, done once more by somebody behind the proxy.
async fn act(limit: RateLimit, (world, sender, device): &(World, Sender, Device)) -> Answer {
    let client = from(world, "192.0.2.1");
    let credential = Some(sender.credential.as_str());
    let guess = |id: CredentialId| BearerToken::from_parts(id, [0; 32]).reveal(TokenKindPrefix::Sender);
    let register = async || {
        let token = world.simulator.fcm_device(PROJECT);
        client.post("/v1/registrations", None, &fcm(&token)).await
    };
    match limit {
        RateLimit::SenderRequests => client.get("/v1/senders/self", credential).await,
        RateLimit::SenderTargets | RateLimit::SubscriptionTargets => {
            notify(&client, world, sender, device).await
        }
        RateLimit::SenderChanges => {
            client.call(Method::PATCH, "/v1/senders/self", credential, Some(&json!({"name": "New"}))).await
        }
        RateLimit::AddressRequests => client.get("/v1/relay", None).await,
        RateLimit::AddressRegistrations | RateLimit::AppRegistrations => register().await,
        RateLimit::AddressSubscriptions => {
            let request = json!({"subscription": World::subscription_id(), "sender": sender.id});
            let path = format!("/v1/registrations/{}/subscriptions", device.registration);
            client.post(&path, Some(&device.credential), &request).await
        }
        RateLimit::AddressSenders => client.post("/v1/senders", None, &json!({"name": "New"})).await,
        RateLimit::AddressConfirmations => {
            let path = format!("/v1/registrations/{}/confirm", device.registration);
            client.post(&path, Some(&device.credential), &json!({"code": "AAAAAAAAAAAAAAAAAAAAAA"})).await
        }
        RateLimit::AddressFailures => {
            client
                .get("/v1/senders/self", Some(&guess(CredentialId::random(&sealpush::base::OsEntropy))))
                .await
        }
        RateLimit::CredentialFailures => {
            client.get("/v1/senders/self", Some(&guess(CredentialId::from_bytes([1; 16])))).await
        }
        // What its sender hands on has to be sealed: `flow::sealed` does it.
        RateLimit::SenderRegistrations => unreachable!(),
    }
}

async fn notify(client: &Client, world: &World, sender: &Sender, device: &Device) -> Answer {
    let targets = json!([{"subscription": device.subscription}]);
    let request = json!({"id": world.notification_id(), "targets": targets});
    client.post("/v1/notifications", Some(&sender.credential), &request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_limit_is_reached_over_http_and_says_so() {
    for limit in RateLimit::ALL {
        if [RateLimit::SubscriptionTargets, RateLimit::SenderRegistrations].contains(&limit) {
            continue;
        }
        let stage = limited(limit).await;
        if limit != RateLimit::AppRegistrations {
            // There, the device of the stage was the first.
            let first = act(limit, &stage).await;
            assert_ne!(first.status, 429, "{limit:?}: {first:?}");
        }
        assert_refused(&act(limit, &stage).await, limit.as_str(), "3600");
        stage.0.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_token_counts_as_one_more_and_the_same_one_does_not() {
    let stage = limited(RateLimit::AddressRegistrations).await;
    let (world, _, device) = &stage;
    let client = from(world, "192.0.2.1");
    let replace = async |token: &str| {
        let path = format!("/v1/registrations/{}", device.registration);
        client.call(Method::PUT, &path, Some(&device.credential), Some(&json!({"device_token": token}))).await
    };
    let new = world.simulator.fcm_device(PROJECT);
    for token in [&device.token, &new, &new, &new] {
        assert_eq!(replace(token).await.status, 204);
    }
    let another = world.simulator.fcm_device(PROJECT);
    assert_refused(&replace(&another).await, "address_registrations", "3600");
    stage.0.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_only_looks_like_a_sender_is_limited_as_a_stranger() {
    let (world, sender, _) = limited(RateLimit::AddressRequests).await;
    let client = from(&world, "192.0.2.1");
    for (path, bearer) in [("/v1/relay", "sp_s_"), ("/v1/relay", "sp_s_x"), ("/nothing", "sp_s_x")] {
        let answer = client.get(path, Some(bearer)).await;
        assert!(bearer == "sp_s_" || answer.status == 429, "{path} with {bearer}: {answer:?}");
    }
    assert_eq!(client.get("/v1/relay", Some(&sender.credential)).await.status, 200);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_sender_is_limited_like_any_other() {
    let (world, sender, _) = limited(RateLimit::SenderRequests).await;
    let path = format!("/admin/senders/{}/suspend", sender.id);
    world.admin.post(&path, None, &json!({})).await;
    let ask = async || world.relay.get("/v1/senders/self/credentials", Some(&sender.credential)).await;
    assert_eq!(ask().await.code(), "sender_suspended");
    assert_refused(&ask().await, "sender_requests", "3600");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_sees_how_its_limits_stand_on_every_route_and_a_stranger_on_none() {
    let (world, sender, _) = limited(RateLimit::AddressSenders).await;
    for path in ["/v1/senders/self", "/v1/senders/self/credentials", "/v1/relay"] {
        let answer = from(&world, "192.0.2.1").get(path, Some(&sender.credential)).await;
        assert!(
            answer.headers["ratelimit"].to_str().unwrap().contains("\"sender_requests\";r="),
            "{answer:?}"
        );
    }
    let stranger = from(&world, "192.0.2.1").get("/v1/relay", None).await;
    assert!(!stranger.headers.contains_key("ratelimit"), "{stranger:?}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_operator_tokens_are_stopped_before_anybody_looks() {
    let (world, _, _) = limited(RateLimit::CredentialFailures).await;
    let guess = BearerToken::from_parts(CredentialId::from_bytes([1; 16]), [0; 32]);
    let guess = guess.reveal(TokenKindPrefix::Operator);
    for path in ["/admin/senders", "/admin/limits"] {
        let answer = world.operator.get(path, Some(&guess)).await;
        assert_eq!(answer.status.as_u16(), if path == "/admin/senders" { 401 } else { 429 }, "{answer:?}");
    }
    assert_refused(&world.operator.get("/admin/senders", Some(&guess)).await, "credential_failures", "3600");
    // Who can open the socket needs no token.
    assert_eq!(world.admin.get("/admin/senders", Some(&guess)).await.status, 200);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_rates_hold_after_a_reload_and_what_did_not_change_remembers() {
    let (world, sender, _) = limited(RateLimit::SenderRequests).await;
    let ask = async || world.relay.get("/v1/senders/self", Some(&sender.credential)).await.status;
    let change = |from: &str, to: &str| {
        let path = world.folder.path().join("sealpush.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        std::fs::write(path, text.replace(from, to)).unwrap();
    };
    let reload = async || world.admin.post("/admin/reload", None, &json!({})).await.json()["changed"].clone();
    assert_eq!((ask().await.as_u16(), ask().await.as_u16()), (200, 429));
    change("rates.sender_requests", "rates.sender_changes = \"7 per hour\"\nrates.sender_requests");
    assert_eq!((reload().await, ask().await.as_u16()), (Value::from(vec!["limits.rates"]), 429));
    change("rates.sender_requests = \"1 per hour\"", "rates.sender_requests = \"off\"");
    assert_eq!((reload().await, ask().await.as_u16()), (Value::from(vec!["limits.rates"]), 200));
    world.end().await;
}

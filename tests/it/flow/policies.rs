//! Content policies: the strictest of the operator's, the app's and the sender's holds.

use sealpush::base::{EntropyRng, OsEntropy};
use sealpush_seal::SubscriptionPrivateKey;
use serde_json::json;

use super::{content, identity, to, with};
use crate::support::World;

const POLICIES: [&str; 3] = ["clear_allowed", "seal_or_omit", "sealed_only"];

async fn world_with(operator: &str, app: &str) -> World {
    let builder = World::builder().config("relay", format!("content_policy = \"{operator}\""));
    builder.app(&format!("content_policy = \"{app}\"")).start().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_strictest_of_operator_app_and_sender_holds() {
    for operator in POLICIES {
        for app in POLICIES {
            let world = world_with(operator, app).await;
            for policy in POLICIES {
                let sender = world.sender(policy).await;
                let phone = world.android(&sender, false).await;
                let answer = world.notify(&sender, with(to(&[&phone]), json!({"content": content()}))).await;
                let target = &answer.json()["targets"][0];
                let seen = match answer.status.as_u16() {
                    200 => target["form"].as_str().or(target["reason"].as_str()).unwrap().to_owned(),
                    status => format!("{status} {}", answer.code()),
                };
                let all = [operator, app, policy];
                let expected = if operator == "sealed_only" || policy == "sealed_only" {
                    "422 content_not_sealed"
                } else if app == "sealed_only" {
                    "content_not_sealed"
                } else if all == ["clear_allowed"; 3] {
                    "clear"
                } else {
                    "omitted"
                };
                assert_eq!(seen, expected, "operator {operator}, app {app}, sender {policy}");
                let is_refused = expected.ends_with("content_not_sealed");
                assert_eq!(world.attempts(&phone).is_empty(), is_refused);
            }
            world.end().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_the_devices_is_used_also_where_clear_content_is_allowed() {
    let world = world_with("clear_allowed", "clear_allowed").await;
    let sender = world.sender("clear_allowed").await;
    let phone = world.android(&sender, true).await;
    let target = world.outcome(&sender, with(to(&[&phone]), json!({"content": content()}))).await;
    assert_eq!(target["form"], "sealed_by_relay");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sealed_only_takes_envelopes_and_targets_without_content() {
    let world = world_with("sealed_only", "sealed_only").await;
    let sender = world.sender("sealed_only").await;
    let (sealed, free) = (world.android(&sender, false).await, world.iphone(&sender, true).await);
    let mut notification = to(&[&sealed, &free]);
    notification["targets"][0]["envelope"] = json!(sealed.seal(b"{}", &identity()).to_base64url());
    notification["targets"][1]["reference"] = json!("r-1");

    let answer = world.notify(&sender, notification).await;

    let forms: Vec<_> =
        answer.json()["targets"].as_array().unwrap().iter().map(|target| target["form"].clone()).collect();
    assert_eq!(forms, ["sealed_by_sender", "omitted"], "{answer:?}");
    assert_eq!(world.only_push(&free).body["reference"], "r-1");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sealed_only_is_a_senders_policy_where_none_is_named() {
    let world = World::start().await;
    let made = world.admin.post("/admin/senders", None, &json!({"name": "New"})).await;
    assert_eq!(made.json()["content_policy"], "sealed_only");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_policies_that_would_hold_are_on_offer() {
    for (operator, offered) in [("clear_allowed", 3), ("seal_or_omit", 2), ("sealed_only", 1)] {
        let world = world_with(operator, "clear_allowed").await;
        let relay = world.relay.get("/v1/relay", None).await.json();
        assert_eq!(relay["content_policies"], json!(POLICIES[3 - offered..]));
        world.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_relay_seals_no_more_once_the_app_took_its_key_back() {
    let world = World::start().await;
    let sender = world.sender("seal_or_omit").await;
    let phone = world.android(&sender, true).await;
    let path = format!("/v1/subscriptions/{}", phone.subscription);

    let removed = world.relay.call(http::Method::PUT, &path, Some(&phone.credential), Some(&json!({}))).await;

    assert_eq!(removed.status, 204, "{removed:?}");
    let target = world.outcome(&sender, with(to(&[&phone]), json!({"content": content()}))).await;
    assert_eq!(target["form"], "omitted");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_relay_seals_to_the_key_that_the_app_rotated_to() {
    let world = World::start().await;
    let sender = world.sender("seal_or_omit").await;
    let mut phone = world.android(&sender, true).await;
    phone.key = SubscriptionPrivateKey::generate(&mut EntropyRng(&OsEntropy));
    let path = format!("/v1/subscriptions/{}", phone.subscription);
    let key = json!({"subscription_key": phone.key.public().to_base64url()});

    let rotated = world.relay.call(http::Method::PUT, &path, Some(&phone.credential), Some(&key)).await;

    assert_eq!(rotated.status, 204, "{rotated:?}");
    let target = world.outcome(&sender, with(to(&[&phone]), json!({"content": content()}))).await;
    assert_eq!(target["form"], "sealed_by_relay");
    let seal = world.only_push(&phone).body["data"]["seal"].as_str().unwrap().to_owned();
    assert!(phone.open(&seal, None).is_ok());
    world.end().await;
}

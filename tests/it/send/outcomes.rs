//! `send` against a real relay and against slow ones: outcomes, forms, exit codes.

use sealpush_seal::{IdentityKey, base64url};
use serde_json::{Value, json};

use super::fake_relay::{FakeRelay, all_accepted};
use super::program::{Program, credential};
use crate::support::{Client, World};

const CONTENT: &str =
    r#"{"title":"Anna","body":"See you at eight?","data":{"room":"42"},"reference":"9f3c"}"#;

fn url(world: &World) -> String {
    match &world.relay {
        Client::Tcp(address) => format!("http://{address}"),
        _ => panic!("the test's relay listens on TCP"),
    }
}

fn report(answer: &super::Answer) -> Value {
    serde_json::from_str(&answer.out).unwrap_or_else(|_| panic!("{answer:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_relay_takes_what_the_program_sealed_and_the_phone_opens_it() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.iphone(&sender, false).await;
    let identity = IdentityKey::from_bytes(&[7; 32]);
    let program = Program::new();
    let devices = json!([{"name": "phone", "subscription": phone.subscription,
                          "subscription_key": phone.key.public().to_base64url()}]);
    program.server(&url(&world), &sender.credential, &base64url::encode(&[7; 32]), &devices);
    let answer = program.beside(&["send", "--keys", "server.json", "--json"], CONTENT).await;
    assert_eq!(answer.code, 0, "{answer:?}");
    let target = &report(&answer)["targets"][0];
    assert_eq!((&target["outcome"], &target["form"]), (&json!("accepted"), &json!("sealed_by_sender")));
    let inbox = world.inbox(&phone);
    let opened = phone.open(inbox[0].body["seal"].as_str().unwrap(), Some(&identity)).unwrap();
    let expected = r#"{"title":"Anna","body":"See you at eight?","data":{"room":"42"}}"#;
    assert_eq!(opened.content.as_slice(), expected.as_bytes());
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn readable_content_leaves_only_where_that_was_said_openly() {
    let world = World::start().await;
    let sender = world.sender("seal_or_omit").await;
    let (sealed, omitted) = (world.android(&sender, true).await, world.android(&sender, false).await);
    let program = Program::new();
    let devices = json!([{"name": "a", "subscription": sealed.subscription},
                         {"name": "b", "subscription": omitted.subscription}]);
    program.server(&url(&world), &sender.credential, &base64url::encode(&[7; 32]), &devices);
    let forms = |answer: &super::Answer| {
        let report = report(answer);
        ["a", "b"].map(|name| {
            let targets = report["targets"].as_array().unwrap();
            targets.iter().find(|target| target["name"] == name).unwrap()["form"].clone()
        })
    };
    let arguments = ["send", "--keys", "server.json", "--json", "--relay-may-read"];
    let closed = program.beside(&arguments[..4], CONTENT).await;
    assert_eq!(forms(&closed), ["omitted", "omitted"], "{closed:?}");
    assert!(closed.err.contains("get no content"), "{closed:?}");
    let open = program.beside(&arguments, CONTENT).await;
    assert_eq!(forms(&open), ["sealed_by_relay", "omitted"], "{open:?}");
    assert!(open.err.contains("the relay reads their content"), "{open:?}");
    assert_eq!(world.inbox(&omitted)[1].body["data"]["reference"], "9f3c");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_is_not_accepted_makes_the_exit_code_3_and_a_refusal_1() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let program = Program::new();
    let devices = json!([{"name": "stranger", "subscription": World::subscription_id()}]);
    let identity = base64url::encode(&[7; 32]);
    program.server(&url(&world), &sender.credential, &identity, &devices);
    let unknown = program.beside(&["send", "--keys", "server.json"], CONTENT).await;
    assert_eq!(unknown.code, 3, "{unknown:?}");
    assert!(unknown.out.contains("gone (unknown_subscription)"), "{unknown:?}");
    let refused = program.beside(&["send", "--keys", "server.json", "--relay-may-read"], CONTENT).await;
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(
        refused.err.contains("422, content_not_sealed") && refused.err.contains("at /content"),
        "{refused:?}"
    );
    program.server(&url(&world), &credential(), &identity, &devices);
    let stranger = program.beside(&["send", "--keys", "server.json"], CONTENT).await;
    assert_eq!(stranger.code, 1, "{stranger:?}");
    assert!(stranger.err.contains("401, credential_invalid"), "{stranger:?}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_targets_than_a_notification_takes_are_split() {
    let relay = FakeRelay::start(|_, request| (200, None, all_accepted(request))).await;
    let program = Program::new();
    let device = |n: usize| json!({"subscription": format!("00000000-0000-4000-8000-{n:012}")});
    let devices: Vec<_> = (0..1_001).map(device).collect();
    program.server(&relay.url, &credential(), &base64url::encode(&[7; 32]), &json!(devices));
    let answer = program.beside(&["send", "--keys", "server.json", "--json"], CONTENT).await;
    assert_eq!(answer.code, 0, "{}", answer.err);
    let report = report(&answer);
    assert_eq!((&report["accepted"], report["notifications"].as_array().unwrap().len()), (&json!(1_001), 2));
    let asked: Vec<_> = relay.asked().iter().map(super::fake_relay::Asked::json).collect();
    assert_eq!([&asked[0], &asked[1]].map(|one| one["targets"].as_array().unwrap().len()), [1_000, 1]);
    assert_ne!(asked[0]["id"], asked[1]["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pending_is_asked_for_until_it_is_decided() {
    // The second question is a GET, whose body is empty: the id stands in what the first one asked.
    let asked_id = std::sync::Mutex::new(String::new());
    let relay = FakeRelay::start(move |number, request| {
        let subscription = "00000000-0000-4000-8000-000000000001";
        let mut id = asked_id.lock().unwrap();
        let (status, outcome) = if number == 0 {
            request["id"].as_str().unwrap().clone_into(&mut id);
            (202, "pending")
        } else {
            (200, "expired")
        };
        (status, None, json!({"id": *id, "targets": [{"subscription": subscription, "outcome": outcome}]}))
    })
    .await;
    let program = Program::new();
    let devices = json!([{"subscription": "00000000-0000-4000-8000-000000000001"}]);
    program.server(&relay.url, &credential(), &base64url::encode(&[7; 32]), &devices);
    let answer = program.beside(&["send", "--keys", "server.json", "--json"], CONTENT).await;
    assert_eq!(answer.code, 3, "{answer:?}");
    assert_eq!(report(&answer)["targets"][0]["outcome"], "expired");
    assert!(relay.asked()[1].what.starts_with("GET /v1/notifications/"), "{:?}", relay.asked());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_is_tried_again_and_a_relay_that_proves_nothing_is_not() {
    let relay = FakeRelay::start_after_breaking(1, |_, request| (200, None, all_accepted(request))).await;
    let program = Program::new();
    let devices = json!([{"name": "phone", "subscription": "00000000-0000-4000-8000-000000000001"}]);
    program.server(&relay.url, &credential(), &base64url::encode(&[7; 32]), &devices);
    let answer = program.beside(&["send", "--keys", "server.json"], CONTENT).await;
    assert_eq!(answer.code, 0, "{answer:?}");
    assert!(
        answer.err.contains("broke before its answer was there")
            && answer.err.contains("Trying again in 1 s"),
        "{answer:?}"
    );
    assert_eq!(relay.asked().len(), 1);
    // Its certificate is from an authority that nobody knows.
    let simulator =
        push_simulator::Simulator::start(push_simulator::SimulatorConfig::default()).await.unwrap();
    program.server(simulator.fcm_url(), &credential(), &base64url::encode(&[7; 32]), &devices);
    let answer = program.beside(&["send", "--keys", "server.json"], CONTENT).await;
    assert_eq!(answer.code, 1, "{answer:?}");
    assert!(answer.err.contains("does not prove who it is") && answer.err.contains("ca_file"), "{answer:?}");
    assert!(simulator.records().is_empty(), "nothing may be sent to it");
    simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promise_is_enough_where_no_outcome_was_waited_for() {
    let relay = FakeRelay::start(|_, request| {
        assert_eq!(request["wait"], false);
        let mut answer = all_accepted(request);
        answer["targets"][0]["outcome"] = "pending".into();
        (202, None, answer)
    })
    .await;
    let program = Program::new();
    let devices = json!([{"subscription": "00000000-0000-4000-8000-000000000001"}]);
    program.server(&relay.url, &credential(), &base64url::encode(&[7; 32]), &devices);
    let answer = program.beside(&["send", "--keys", "server.json", "--no-wait"], CONTENT).await;
    assert_eq!(answer.code, 0, "{answer:?}");
    assert!(answer.out.contains("1 not decided yet"), "{answer:?}");
    assert_eq!(relay.asked().len(), 1);
}

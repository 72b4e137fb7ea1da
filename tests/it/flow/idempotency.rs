//! A sender that did not hear the answer repeats its request: nothing is sent twice.

use push_simulator::Effect;
use serde_json::{Value, json};

use super::{content, to, with};
use crate::support::{Answer, World};

fn delivery_of(answer: &push_simulator::Push) -> Value {
    answer.body["data"]["delivery"].clone()
}

fn shown(answer: &Answer) -> (u16, Value) {
    (answer.status.as_u16(), answer.json())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_copies_at_once_make_one_push_and_get_one_answer() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    for wait in [true, false] {
        let phone = world.iphone(&sender, false).await;
        world.script(&phone, Effect::Delay { millis: 300 }, 9);
        let id = world.notification_id();
        let notification = with(to(&[&phone]), json!({"id": id, "wait": wait}));

        let (first, second) = tokio::join!(
            world.notify(&sender, notification.clone()),
            world.notify(&sender, notification.clone())
        );

        assert_eq!((first.status, first.text), (second.status, second.text));
        world.decided(&sender, &id).await;
        assert_eq!(world.attempts(&phone).len(), 1, "wait: {wait}");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_gets_the_stored_answer() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.iphone(&sender, false).await;
    let notification = with(to(&[&phone]), json!({"id": world.notification_id()}));

    let answers = [
        world.notify(&sender, notification.clone()).await,
        world.notify(&sender, notification.clone()).await,
        world.notify(&sender, notification).await,
    ];

    assert_eq!(answers[0].status, 200, "{answers:?}");
    assert!(answers.iter().all(|answer| shown(answer) == shown(&answers[0])), "{answers:?}");
    assert_eq!(world.attempts(&phone).len(), 1);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stored_answer_outlives_a_restart() {
    let mut world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.iphone(&sender, false).await;
    let notification = with(to(&[&phone]), json!({"id": world.notification_id()}));
    let first = world.notify(&sender, notification.clone()).await;

    world.stop_relay().await;
    world.start_relay().await;

    assert_eq!(shown(&world.notify(&sender, notification).await), shown(&first));
    world.only_push(&phone);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_outcomes_can_be_read_as_soon_as_the_answer_is_there() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.iphone(&sender, false).await;
    for _ in 0..20 {
        let id = world.notification_id();
        let answer = world.notify(&sender, with(to(&[&phone]), json!({ "id": id }))).await;
        let read = world.relay.get(&format!("/v1/notifications/{id}"), Some(&sender.credential)).await;
        assert_eq!(shown(&read), shown(&answer));
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_with_another_body_is_refused_while_it_runs_and_afterwards() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.iphone(&sender, false).await;
    world.script(&phone, Effect::Delay { millis: 300 }, 1);
    let id = world.notification_id();
    let first = with(to(&[&phone]), json!({ "id": id }));
    let other = with(first.clone(), json!({"urgency": "low"}));

    let (running, refused) = tokio::join!(world.notify(&sender, first), async {
        World::until("the first is under way", async || !world.attempts(&phone).is_empty()).await;
        world.notify(&sender, other.clone()).await
    });
    let refused_later = world.notify(&sender, other).await;

    assert_eq!(running.status, 200);
    for refused in [refused, refused_later] {
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (409, "id_reused"));
        assert_eq!(refused.json()["pointer"], "/id");
    }
    world.only_push(&phone);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_id_of_another_sender_is_another_notification() {
    let world = World::start().await;
    let (one, two) = (world.sender("sealed_only").await, world.sender("sealed_only").await);
    let (first, second) = (world.iphone(&one, false).await, world.iphone(&two, false).await);
    let id = world.notification_id();

    for (sender, phone) in [(&one, &first), (&two, &second)] {
        let target = world.outcome(sender, with(to(&[phone]), json!({ "id": id }))).await;
        assert_eq!(target["outcome"], "accepted");
        world.only_push(phone);
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_outcomes_are_not_kept_a_repeated_id_is_a_new_notification() {
    let world = World::builder().config("outcomes", "keep_hours = 0").start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    let notification = with(to(&[&phone]), json!({"id": world.notification_id()}));

    for _ in 0..2 {
        assert_eq!(world.outcome(&sender, notification.clone()).await["outcome"], "accepted");
    }

    let inbox = world.inbox(&phone);
    assert_eq!(inbox.len(), 2);
    let relay = world.relay.get("/v1/relay", None).await.json();
    assert_eq!(relay["limits"]["outcomes_kept_seconds"], 0);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_repeats_the_delivery_ids_that_the_relay_drew() {
    let world = World::builder().config("outcomes", "keep_hours = 0").start().await;
    let sender = world.sender("seal_or_omit").await;
    let (omitted, sealed) = (world.android(&sender, false).await, world.android(&sender, true).await);
    let notification =
        with(to(&[&omitted, &sealed]), json!({"id": world.notification_id(), "content": content()}));

    for _ in 0..2 {
        assert_eq!(world.notify(&sender, notification.clone()).await.status, 200);
    }

    let pushes = world.inbox(&omitted);
    assert_eq!(delivery_of(&pushes[0]), delivery_of(&pushes[1]));
    let ids: Vec<_> = world
        .inbox(&sealed)
        .iter()
        .map(|push| sealed.open(push.body["data"]["seal"].as_str().unwrap(), None).unwrap().delivery)
        .collect();
    assert_eq!((ids.len(), ids[0] == ids[1]), (2, true));
    assert_ne!(ids[0].to_string(), delivery_of(&pushes[0]).as_str().unwrap());
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_as_a_whole_is_really_tried_again() {
    let world = World::start().await;
    let sender = world.sender("seal_or_omit").await;
    let phone = world.android(&sender, false).await;
    let id = world.notification_id();
    let mut refused = with(to(&[&phone]), json!({ "id": id }));
    refused["targets"][0]["badge"] = json!(1);
    assert_eq!(world.notify(&sender, refused).await.status, 422);

    let target = world.outcome(&sender, with(to(&[&phone]), json!({ "id": id }))).await;

    assert_eq!(target["outcome"], "accepted");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_that_hangs_up_and_repeats_gets_the_outcome_of_the_first_copy() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    world.script(&phone, Effect::Delay { millis: 300 }, 1);
    let notification = with(to(&[&phone]), json!({"id": world.notification_id()}));

    {
        let impatient = world.notify(&sender, notification.clone());
        let under_way = World::until("the push is under way", async || !world.attempts(&phone).is_empty());
        tokio::select! {
            answer = impatient => panic!("it is answered too early: {answer:?}"),
            () = under_way => {}
        }
    }
    let target = world.outcome(&sender, notification).await;

    assert_eq!(target["outcome"], "accepted");
    assert_eq!(world.attempts(&phone).len(), 1);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_subscription_or_one_delivery_id_twice_is_refused() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let (one, two) = (world.android(&sender, false).await, world.android(&sender, false).await);
    let twice = world.notify(&sender, to(&[&one, &two, &one])).await;
    assert_eq!((twice.status.as_u16(), twice.code().as_str()), (422, "duplicate_target"));
    assert_eq!(twice.json()["pointer"], "/targets/2/subscription");

    let envelope = one.seal(b"{}", &super::identity()).to_base64url();
    let mut notification = to(&[&one, &two]);
    for target in notification["targets"].as_array_mut().unwrap() {
        target["envelope"] = Value::from(envelope.clone());
    }
    let twice = world.notify(&sender, notification).await;
    assert_eq!((twice.status.as_u16(), twice.code().as_str()), (422, "duplicate_delivery_id"));
    assert_eq!(twice.json()["pointer"], "/targets/1/envelope");
    assert!(world.simulator.records().is_empty());
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promise_is_answered_as_a_promise_also_when_it_is_repeated() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    let id = world.notification_id();
    let notification = with(to(&[&phone]), json!({"id": id, "wait": false}));

    assert_eq!(world.notify(&sender, notification.clone()).await.status, 202);
    world.decided(&sender, &id).await;
    let repeated = world.notify(&sender, notification).await;

    assert_eq!(repeated.status, 202);
    assert_eq!(repeated.json()["targets"][0]["outcome"], "accepted");
    world.only_push(&phone);
    world.end().await;
}

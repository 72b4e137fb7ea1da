//! A disk that takes no more: nothing is promised that cannot be kept, nothing that was promised is lost, and it goes
//! on by itself.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Answer, Device, Sender, World};

/// Lets no file of the relay grow beyond so many bytes, or any.
fn limit_files(world: &World, bytes: &str) {
    let pid = world.process_id().to_string();
    let limit = format!("--fsize={bytes}:");
    assert!(Command::new("prlimit").args(["--pid", &pid, &limit]).status().unwrap().success());
}

async fn promise(world: &World, sender: &Sender, phone: &Device) -> (String, Answer) {
    let id = world.notification_id();
    let targets = json!([{"subscription": phone.subscription, "reference": "r".repeat(64)}]);
    let answer = world.notify(sender, json!({"id": id, "wait": false, "targets": targets})).await;
    (id, answer)
}

async fn is_ready(world: &World) -> bool {
    world.operator.get("/readyz", None).await.status == 200
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_size_limit_refuses_new_promises_loses_none_and_is_recovered_from() {
    let world = World::builder().own_process().start().await;
    let sender = world.sender("sealed_only").await;
    let phone = world.android(&sender, false).await;
    assert_eq!(promise(&world, &sender, &phone).await.1.status, 202);
    limit_files(&world, "65536");

    let mut promised = Vec::new();
    let refused = loop {
        let (id, answer) = promise(&world, &sender, &phone).await;
        if answer.status != 202 {
            break answer;
        }
        promised.push(id);
        assert!(promised.len() < 1_000, "the limit is not felt");
    };
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (503, "store_unavailable"));
    assert!(refused.headers.contains_key("retry-after"));
    assert!(!is_ready(&world).await);

    limit_files(&world, "unlimited");
    World::until("it is ready again by itself", async || is_ready(&world).await).await;
    let (id, answer) = promise(&world, &sender, &phone).await;
    assert_eq!(answer.status, 202);
    promised.push(id);
    for id in &promised {
        let document: Value = world.decided(&sender, id).await;
        assert_eq!(document["targets"][0]["outcome"], "accepted");
    }
    // The one before the limit, and each of these once; what was refused was not sent.
    assert_eq!(world.inbox(&phone).len(), promised.len() + 1);
    world.end().await;
}

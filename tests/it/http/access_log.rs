//! The access log: off, and then as little as tells what is slow or refused.

use http::Request;
use http_body_util::Full;
use serde_json::json;

use crate::support::World;

/// Lines about requests that the relay wrote so far.
fn lines(world: &World) -> Vec<String> {
    let files = std::fs::read_dir(world.folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let log =
        files.filter(|path| path.extension().is_some_and(|extension| extension == "txt")).max().unwrap();
    let text = std::fs::read_to_string(log).unwrap();
    text.lines().filter(|line| line.contains("route=")).map(str::to_owned).collect()
}

/// Asks for something with a canary in every place that a client fills in; the number of the answer.
async fn ask(world: &World) -> String {
    let uri = "/v1/notifications/canary-id?canary-query";
    let request = Request::builder().method("CANARY").uri(uri).header("host", "canary.test");
    let request = request.header("user-agent", "canary-agent").header("authorization", "Bearer canary-token");
    let answer = world.relay.send(request.body(Full::default()).unwrap()).await;
    answer.headers["request-id"].to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_log_says_what_was_asked_by_route_and_nothing_of_the_request() {
    let world = World::builder().own_process().config("logs", "access = true").start().await;
    let number = ask(&world).await;
    let said = async || lines(&world).iter().any(|line| line.contains(&number));
    World::until("the line is there", said).await;
    let lines = lines(&world);
    let line = lines.iter().find(|line| line.contains(&number)).unwrap();
    for part in ["method=\"other\"", "route=\"/v1/notifications/{id}\"", "status=405", "seconds=0."] {
        assert!(line.contains(part), "{part} is not in {line}");
    }
    assert!(!line.contains("canary") && !line.contains("127.0.0.1"), "{line}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_being_asked_the_relay_keeps_no_access_log_and_a_reload_begins_one() {
    let world = World::builder().own_process().config("logs", "level = \"info\"").start().await;
    let before = ask(&world).await;
    let config = world.folder.path().join("sealpush.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(config, text.replace("[logs]\n", "[logs]\naccess = true\n")).unwrap();
    let reloaded = world.admin.post("/admin/reload", None, &json!({})).await;
    assert_eq!(reloaded.json()["changed"], json!(["logs.access"]), "{reloaded:?}");
    let after = ask(&world).await;
    let said = async || lines(&world).iter().any(|line| line.contains(&after));
    World::until("the line is there", said).await;
    assert!(!lines(&world).iter().any(|line| line.contains(&before)));
    world.end().await;
}

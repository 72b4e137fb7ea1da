//! `GET /v1/privacy`: a document for programs and a page for people.

use std::process::Command;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};

use crate::support::{Answer, World};

async fn asked(world: &World, accept: &str) -> Answer {
    let request = Request::get("/v1/privacy").header("host", "relay.test").header("accept", accept);
    world.relay.send(request.body(Full::new(Bytes::new())).unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn anyone_is_told_how_the_relay_is_set_and_everything_that_it_keeps() {
    let builder = World::builder().config("outcomes", "keep_hours = 48").config("logs", "access = true");
    let world = builder.app("badge = true").start().await;

    let document = world.relay.get("/v1/privacy", None).await.json();

    assert_eq!((&document["name"], &document["contact"]), (&"Test relay".into(), &"push@example.org".into()));
    let settings = &document["settings"];
    assert_eq!(
        (&settings["access_log"], &settings["content_policy"]),
        (&true.into(), &"seal_or_omit".into())
    );
    let outcomes = settings["retention"].as_array().unwrap().iter();
    let outcomes = outcomes.clone().find(|term| term["setting"] == "outcomes.keep_hours").unwrap();
    assert_eq!(outcomes["kept"], "2 days");
    let app = &settings["apps"][0];
    assert_eq!(
        (&app["app"], &app["badge"], &app["clear_allowed"]),
        (&"chat".into(), &true.into(), &false.into())
    );
    let inventory = document["inventory"].as_array().unwrap();
    assert_eq!(inventory.len(), sealpush::privacy::inventory::entries().count());
    assert!(document["not_hidden"].as_array().unwrap().len() > 5);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_gets_a_page_that_may_load_nothing() {
    let world = World::start().await;
    let page = asked(&world, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8").await;
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    assert_eq!(page.headers["vary"], "accept");
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe") && !page.text.contains("<script"), "{policy}");
    assert!(page.text.contains("<h1>What Test relay knows, and what it does not</h1>"), "{}", page.text);
    assert_eq!(asked(&world, "application/json").await.headers["content-type"], "application/json");
    assert_eq!(asked(&world, "image/png").await.code(), "not_acceptable");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_says_what_a_running_relay_says() {
    let world = World::start().await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_sealpush"));
    command.args(["privacy", "--json", "--dev", "--config"]).arg(world.folder.path().join("sealpush.toml"));

    let printed: Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();

    assert_eq!(printed, world.relay.get("/v1/privacy", None).await.json());
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_logs_head_is_shown_from_the_next_day_on() {
    let (world, clock) = World::at_a_standstill().await;
    world.sender("sealed_only").await;
    assert_eq!(world.relay.get("/v1/privacy", None).await.json()["audit_heads"], json!([]));

    clock.advance(Duration::from_hours(24));

    let heads = world.relay.get("/v1/privacy", None).await.json()["audit_heads"].clone();
    assert_eq!(heads.as_array().unwrap().len(), 1, "{heads}");
    let hash = heads[0]["hash"].as_str().unwrap();
    assert_eq!(hash.len(), 64);
    assert!(asked(&world, "text/html").await.text.contains(hash));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_changes_what_is_said() {
    let world = World::start().await;
    let file = world.folder.path().join("sealpush.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, config.replace("[logs]", "[logs]\naccess = true")).unwrap();
    assert_eq!(world.relay.get("/v1/privacy", None).await.json()["settings"]["access_log"], false);

    let reloaded = world.admin.post("/admin/reload", None, &json!({})).await;

    assert_eq!(reloaded.status, 200, "{reloaded:?}");
    assert_eq!(world.relay.get("/v1/privacy", None).await.json()["settings"]["access_log"], true);
    assert!(asked(&world, "text/html").await.text.contains("On: method, route"));
    world.end().await;
}

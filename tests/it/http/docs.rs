//! `/docs`: everything that the page loads comes from the relay.

use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn the_page_and_all_that_it_loads_come_from_the_relay() {
    let world = World::start().await;
    let page = world.relay.get("/docs/", None).await;
    assert_eq!(page.status, 200);
    // What follows `src=` and `href=`.
    let quoted =
        |start: &'static str| page.text.split(start).skip(1).map(|rest| rest.split('"').next().unwrap());
    let loaded: Vec<&str> = quoted("src=\"").chain(quoted("href=\"")).collect();
    assert!(loaded.len() >= 4, "{loaded:?}");
    for file in loaded {
        assert!(!file.contains("//"), "{file} comes from elsewhere");
        let answer = world.relay.get(&format!("/docs/{}", file.trim_start_matches("./")), None).await;
        assert_eq!(answer.status, 200, "{file}");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_may_ask_nobody_else() {
    let world = World::start().await;
    let page = world.relay.get("/docs/", None).await;
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
    assert!(policy.contains("connect-src 'self'"), "{policy}");
    let start = world.relay.get("/docs/swagger-initializer.js", None).await;
    assert!(start.text.contains("\"validatorUrl\": \"none\""), "{}", start.text);
    assert!(start.text.contains("\"/openapi.json\""), "{}", start.text);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_served_description_is_the_made_one_and_other_files_are_not_there() {
    let world = World::start().await;
    let description = world.relay.get("/openapi.json", None).await;
    assert_eq!(description.headers["content-type"], "application/json");
    assert_eq!(description.text, sealpush::api::openapi());
    assert_eq!(world.relay.get("/docs", None).await.headers["location"], "/docs/");
    assert_eq!(world.relay.get("/docs/Cargo.toml", None).await.code(), "no_such_path");
    world.end().await;
}

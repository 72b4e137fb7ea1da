//! The way out: a proxy that every connection goes through, or none.

use std::collections::BTreeSet;

use sealpush::privacy::inventory::{EntryKind, of_kind};
use serde_json::{Value, json};

use super::connect_proxy::ConnectProxy;
use crate::support::{Answer, Sender, World};

/// A relay behind `proxy`, with the credentials of this file.
async fn world(url: &str, credentials: &std::path::Path) -> World {
    let file = format!("proxy_credentials_file = '{}'", credentials.display());
    World::builder().config("egress", format!("proxy = \"{url}\"")).config("egress", file).start().await
}

fn file(credentials: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, format!("{credentials}\n")).unwrap();
    file
}

/// A push to an iPhone that is tried once.
async fn push_once(world: &World, sender: &Sender) -> Value {
    let device = world.iphone(sender, false).await;
    let targets = json!([{"subscription": device.subscription}]);
    world.outcome(sender, json!({"targets": targets, "ttl": 0})).await
}

fn reason(ready: &Answer) -> Value {
    assert_eq!(ready.status, 503, "{ready:?}");
    ready.json()["egress"][0]["reason"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_connection_goes_through_the_proxy_and_none_around_it() {
    let proxy = ConnectProxy::start(Some("relay:a pass:word")).await;
    let credentials = file("relay:a pass:word");
    let world = world(&proxy.url, credentials.path()).await;
    let sender = world.sender("sealed_only").await;

    world.warm_up(&sender).await;

    let tunnels = proxy.tunnels();
    let connections: BTreeSet<_> = world.simulator.records().iter().map(|record| record.connection).collect();
    // APNs, FCM and the token endpoint; as many tunnels as connections that came out of them.
    assert_eq!((tunnels.len(), connections.len()), (3, 3), "{tunnels:?}");
    let token_host = world.simulator.token_url().replace("https://", "");
    assert!(tunnels.iter().any(|to| token_host.starts_with(to.as_str())), "{tunnels:?}");
    assert_eq!(world.operator.get("/readyz", None).await.json()["egress"], json!([]));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proxy_is_told_what_the_inventory_says() {
    let proxy = ConnectProxy::start(Some("relay:a pass:word")).await;
    let credentials = file("relay:a pass:word");
    let world = world(&proxy.url, credentials.path()).await;
    let sender = world.sender("sealed_only").await;

    world.warm_up(&sender).await;

    let heads = proxy.heads();
    let words = heads.iter().flat_map(|head| head.lines()).filter_map(|line| line.split([' ', ':']).next());
    let told: BTreeSet<_> = words.filter(|word| !word.is_empty()).collect();
    let of_proxy = of_kind(EntryKind::Sent).filter(|entry| entry.place == "the operator's proxy");
    assert_eq!(told, of_proxy.map(|entry| entry.name).collect());
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_refuses_our_credentials_is_named_and_nothing_goes_around_it() {
    let proxy = ConnectProxy::start(Some("relay:right")).await;
    let credentials = file("relay:wrong");
    let world = world(&proxy.url, credentials.path()).await;
    let sender = world.sender("sealed_only").await;

    push_once(&world, &sender).await;

    assert_eq!(reason(&world.operator.get("/readyz", None).await), "proxy_credentials_refused");
    assert_eq!((proxy.tunnels().len(), world.simulator.records().len()), (0, 0));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_is_not_there_is_named_and_nothing_goes_around_it() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let world = world(&format!("http://{gone}"), file("a:b").path()).await;
    let sender = world.sender("sealed_only").await;

    push_once(&world, &sender).await;

    assert_eq!(reason(&world.operator.get("/readyz", None).await), "proxy_unreachable");
    assert_eq!(world.simulator.records().len(), 0);
    world.end().await;
}

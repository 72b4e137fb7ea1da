//! Beside a running relay, and beside one that should not run.

use std::os::unix::net::UnixListener;

use super::Setup;
use super::setup::CONFIG;
use crate::support::World;

#[tokio::test]
async fn beside_a_running_relay_everything_is_looked_at() {
    let mut setup = Setup::new().await;
    setup.world.start_relay().await;
    let checked = setup.check(&[]).await;
    assert_eq!(checked.code, 0, "{}{}", checked.out, checked.err);
    checked.says(&[
        "✓ relay       operator.sock: a relay runs and answers",
        "✓ relay       operator.sock: it can write its database",
        "✓ database    sealpush.db: is whole",
        "✓ database    sealpush.db: belongs to the running relay",
    ]);
    setup.end().await;
}

#[tokio::test]
async fn a_relay_that_does_not_answer_is_named_with_a_mend_of_its_own() {
    let setup = Setup::new().await;
    let _silent = UnixListener::bind(setup.world.folder.path().join("operator.sock")).unwrap();
    setup.check(&["--offline"]).await.fails(&[
        "✗ relay       operator.sock: a relay listens there and does not answer",
        "-> look at its log (`journalctl -u sealpush`); if it stays silent, restart it",
    ]);
    setup.end().await;
}

#[tokio::test]
async fn an_app_that_is_held_is_named() {
    let mut setup = Setup::of(World::builder().leaves_work()).await;
    let team = setup.value(super::setup::APP, "team_id");
    setup.edit(super::setup::APP, &team, "WRONGTEAM1");
    setup.world.start_relay().await;
    let sender = setup.world.sender("sealed_only").await;
    let phone = setup.world.iphone(&sender, false).await;
    let targets = serde_json::json!([{"subscription": phone.subscription}]);
    setup.world.notify(&sender, serde_json::json!({"targets": targets, "wait": false})).await;
    World::until("the app is held", || async {
        setup.world.metric("sealpush_credentials_held{push_service=\"apns\"}").await == 1
    })
    .await;
    setup.check(&[]).await.fails(&[
        "✗ relay       app chat: is held: apns refuses its credential (InvalidProviderToken), and its deliveries wait",
    ]);
    setup.end().await;
}

#[tokio::test]
async fn a_second_relay_with_one_database_is_told() {
    let mut setup = Setup::new().await;
    setup.world.start_relay().await;
    // The same database, and an operator's socket of its own.
    setup.edit(CONFIG, "[operator]\n", "[operator]\nsocket = \"second.sock\"\n");
    setup.check(&["--offline"]).await.fails(&[
        "✗ database    sealpush.db: another process has it, and no relay answers at second.sock",
        "-> two relays with one database? Stop the other one",
    ]);
    setup.end().await;
}

#[tokio::test]
async fn a_port_that_is_taken_is_told() {
    let setup = Setup::new().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    setup.edit(CONFIG, "[listen]\naddress = \"127.0.0.1:0\"", &format!("[listen]\naddress = \"{address}\""));
    setup.check(&["--offline"]).await.fails(&[
        &format!("✗ relay       {address}: listen.address: another program listens there"),
        "-> stop it (`ss -ltnp` names it; it may be a second relay), or set listen.address to another port",
    ]);
    setup.end().await;
}

#[tokio::test]
async fn without_a_relay_its_places_are_looked_at() {
    let setup = Setup::new().await;
    let checked = setup.check(&["--offline"]).await;
    checked.says(&[
        "- relay       operator.sock: no relay runs with this config",
        "✓ relay       127.0.0.1:0: listen.address: is free",
        "✓ relay       operator.sock: operator.socket: its folder is there",
    ]);
    setup.end().await;
}

#[tokio::test]
async fn a_certificate_that_could_not_be_ordered_is_told_by_the_running_relay() {
    let acme = "tls = { acme = { cache_dir = \"acme\", domains = [\"relay.test\"], agree_to_terms = true, directory_url \
                = \"https://localhost:1/dir\" } }";
    let builder = World::builder().config("listen", "address = \"127.0.0.1:0\"").config("listen", acme);
    let mut setup = Setup::of(builder).await;
    setup.world.start_relay().await;
    setup.check(&["--offline"]).await.fails(&[
        "there is none yet: ",
        "-> the authority must reach this name at port 443; the relay asks it again by itself",
    ]);
    setup.end().await;
}

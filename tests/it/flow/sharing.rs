//! What a sender shares of its usage, from its administrator's decision to what the operator reads.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::{to, with};
use crate::support::{Answer, Client, Device, Sender, World};

const SHARING: &str = "/v1/senders/self/sharing";
const USAGE: &str = "/v1/senders/self/usage";

async fn share(world: &World, sender: &Sender, request: Value) -> Answer {
    world.relay.call(Method::PUT, SHARING, Some(&sender.credential), Some(&request)).await
}

async fn read(world: &World, sender: &Sender, path: &str) -> Value {
    let answer = world.relay.get(path, Some(&sender.credential)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// Has the relay write what it counted, as a stop does.
async fn write(world: &mut World) {
    world.stop_relay().await;
    world.start_relay().await;
}

async fn phones(world: &World, sender: &Sender, count: usize) -> Vec<Device> {
    let mut phones = Vec::with_capacity(count);
    for _ in 0..count {
        phones.push(world.android(sender, false).await);
    }
    phones
}

/// Notifies all of them, and waits until that is decided.
async fn notify(world: &World, sender: &Sender, phones: &[Device], wait: bool) {
    let id = world.notification_id();
    let notification = with(to(&phones.iter().collect::<Vec<_>>()), json!({"id": id, "wait": wait}));
    let answer = world.notify(sender, notification).await;
    assert!(answer.status.is_success(), "{answer:?}");
    world.decided(sender, &id).await;
}

/// What is counted of a day, by outcome.
fn counted(usage: &Value) -> Vec<(String, u64)> {
    let volume = usage["volume"].as_array().unwrap().iter();
    volume
        .map(|cell| (cell["outcome"].as_str().unwrap().to_owned(), cell["deliveries"].as_u64().unwrap()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_off_until_the_administrator_switches_it_on() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;

    let before = read(&world, &sender, SHARING).await;

    assert_eq!((&before["mode"], &before["least_devices"]), (&json!("offered"), &json!(5)));
    let categories = before["categories"].as_array().unwrap();
    let states: Vec<_> = categories.iter().map(|one| (&one["category"], &one["state"])).collect();
    let off = json!("off");
    assert_eq!(
        states,
        [
            (&json!("volume"), &off),
            (&json!("devices"), &off),
            (&json!("software"), &off),
            (&json!("contact"), &off)
        ]
    );
    let shared = share(&world, &sender, json!({"volume": {"wording": 1}})).await.json();
    let volume = &shared["categories"][0];
    assert_eq!((&volume["state"], &volume["agreed_wording"]), (&json!("on"), &json!(1)));
    assert_eq!(read(&world, &sender, SHARING).await, shared);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_delivery_is_counted_once_whether_its_sender_waits_or_not() {
    let mut world = World::start().await;
    let (sender, silent) = (world.sender("sealed_only").await, world.sender("sealed_only").await);
    assert_eq!(share(&world, &sender, json!({"volume": {"wording": 1}})).await.status, 200);
    for one in [&sender, &silent] {
        let phones = phones(&world, one, 5).await;
        notify(&world, one, &phones, true).await;
        notify(&world, one, &phones, false).await;
    }

    write(&mut world).await;
    write(&mut world).await;

    assert_eq!(counted(&read(&world, &sender, USAGE).await), [("accepted".to_owned(), 10)]);
    assert_eq!(counted(&read(&world, &silent, USAGE).await), []);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_shows_exactly_what_is_stored_afterwards() {
    let mut world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phones = phones(&world, &sender, 6).await;
    let preview_path = format!("{SHARING}/preview");
    notify(&world, &sender, &phones, true).await;
    World::until("the outcomes are kept", async || {
        !counted(&read(&world, &sender, &preview_path).await["would_store"]).is_empty()
    })
    .await;

    let preview = read(&world, &sender, &preview_path).await;
    assert_eq!(read(&world, &sender, USAGE).await["volume"], json!([]), "asking stores nothing");
    let all = json!({"volume": {"wording": 1}, "devices": {"wording": 1}});
    assert_eq!(share(&world, &sender, all).await.status, 200);
    notify(&world, &sender, &phones, true).await;
    write(&mut world).await;

    let usage = read(&world, &sender, USAGE).await;
    assert_eq!(
        (&usage["volume"], &usage["devices"]),
        (&preview["would_store"]["volume"], &preview["would_store"]["devices"])
    );
    assert_eq!(
        (counted(&usage), &usage["devices"][0]["subscriptions"]),
        (vec![("accepted".to_owned(), 6)], &json!(5))
    );
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fewer_than_five_devices_are_behind_nobody_is_shown() {
    let mut world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let all = json!({"volume": {"wording": 1}, "devices": {"wording": 1}});
    assert_eq!(share(&world, &sender, all).await.status, 200);
    let phones = phones(&world, &sender, 4).await;
    for _ in 0..3 {
        notify(&world, &sender, &phones, true).await;
    }

    let preview = read(&world, &sender, &format!("{SHARING}/preview")).await;
    write(&mut world).await;

    let usage = read(&world, &sender, USAGE).await;
    assert_eq!((&usage["volume"], &usage["devices"]), (&json!([]), &json!([])));
    assert_eq!(preview["would_store"]["volume"], json!([]));
    assert_eq!(world.admin.get("/admin/usage", None).await.json()["senders"], json!([]));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_reads_what_is_shared_of_days_that_are_over_and_nothing_of_others() {
    let (mut world, clock) = World::at_a_standstill().await;
    let (sender, silent) = (world.sender("sealed_only").await, world.sender("sealed_only").await);
    assert_eq!(share(&world, &sender, json!({"volume": {"wording": 1}})).await.status, 200);
    for one in [&sender, &silent] {
        let phones = phones(&world, one, 5).await;
        notify(&world, one, &phones, true).await;
    }
    write(&mut world).await;
    let today = world.admin.get("/admin/usage", None).await.json();
    assert_eq!(today["senders"], json!([]), "a count that still grows is shown to nobody else");

    clock.advance(Duration::from_hours(25));

    let all = world.admin.get("/admin/usage", None).await.json();
    let shared = all["senders"].as_array().unwrap();
    assert_eq!((shared.len(), &shared[0]["sender"]), (1, &json!(sender.id)));
    assert_eq!(counted(&shared[0]["usage"]), [("accepted".to_owned(), 5)]);
    let csv = world.admin.get(&format!("/admin/senders/{}/usage?format=csv", sender.id), None).await;
    assert!(
        csv.text.ends_with(",fcm,accepted,5\r\n")
            && csv.headers["content-type"].to_str().unwrap().starts_with("text/csv")
    );
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_shares_nothing_looks_to_the_operator_like_one_without_figures() {
    let world = World::start().await;
    let (shares, silent) = (world.sender("sealed_only").await, world.sender("sealed_only").await);
    let all = json!({"volume": {"wording": 1}, "devices": {"wording": 1}, "software": {"wording": 1}});
    assert_eq!(share(&world, &shares, all).await.status, 200);

    let answers = [
        world.admin.get(&format!("/admin/senders/{}/usage", shares.id), None).await,
        world.admin.get(&format!("/admin/senders/{}/usage", silent.id), None).await,
    ];

    let nothing = json!({"volume": [], "devices": [], "software": null, "contact": null});
    assert_eq!(answers.map(|answer| answer.json()), [nothing.clone(), nothing]);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn software_is_what_the_server_names_itself_and_the_address_what_was_given() {
    let mut world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let contact = json!({"wording": 1, "address": "security@example.org"});
    let both = json!({"software": {"wording": 1}, "contact": contact});
    assert_eq!(share(&world, &sender, both).await.status, 200);
    let phone = world.android(&sender, false).await;
    let Client::Tcp(address) = world.relay.clone() else { panic!("the relay listens on TCP") };
    let headers = vec![("user-agent", "examplechat/4.2 (chat.example.org)".to_owned())];
    let server = Client::Marked { address, source: IpAddr::V4(Ipv4Addr::LOCALHOST), headers };
    let notification = with(to(&[&phone]), json!({"id": world.notification_id()}));
    assert_eq!(server.post("/v1/notifications", Some(&sender.credential), &notification).await.status, 200);
    write(&mut world).await;

    let own = read(&world, &sender, USAGE).await;
    let shown = world.admin.get(&format!("/admin/senders/{}/usage", sender.id), None).await.json();

    assert_eq!(
        (&own["software"]["name"], &own["software"]["version"]),
        (&json!("examplechat"), &json!("4.2"))
    );
    assert_eq!(own["contact"], "security@example.org");
    assert_eq!(shown, own);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_switched_off_is_gone_at_once_with_what_was_not_written_yet() {
    let mut world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phones = phones(&world, &sender, 5).await;
    for _ in 0..2 {
        assert_eq!(share(&world, &sender, json!({"volume": {"wording": 1}})).await.status, 200);
        notify(&world, &sender, &phones, true).await;
    }
    assert_eq!(share(&world, &sender, json!({})).await.status, 200);
    assert_eq!(share(&world, &sender, json!({"volume": {"wording": 1}})).await.status, 200);

    write(&mut world).await;

    assert_eq!(counted(&read(&world, &sender, USAGE).await), []);
    let actions: Vec<_> = world.acts().await.iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(actions, ["sender.add", "sharing.on", "sharing.off", "sharing.on"]);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_read_as_csv_and_erased() {
    let mut world = World::start().await;
    let sender = world.sender("sealed_only").await;
    assert_eq!(share(&world, &sender, json!({"volume": {"wording": 1}})).await.status, 200);
    let phones = phones(&world, &sender, 5).await;
    notify(&world, &sender, &phones, true).await;
    write(&mut world).await;

    let csv = world.relay.get(&format!("{USAGE}?format=csv"), Some(&sender.credential)).await;
    let day = world.clock.now().day();
    assert_eq!(
        csv.text,
        format!("category,day,push_service,outcome,value\r\nvolume,{day},fcm,accepted,5\r\n")
    );
    assert_eq!(world.delete(USAGE, &sender.credential).await.status, 204);

    assert_eq!(counted(&read(&world, &sender, USAGE).await), []);
    assert_eq!(read(&world, &sender, SHARING).await["categories"][0]["state"], "on");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_decision_is_named() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let contact = |address: &str| json!({"contact": {"wording": 1, "address": address}});
    for (request, status, code, pointer) in [
        (json!({"volume": {"wording": 2}}), 409, "wording_changed", "/volume/wording"),
        (contact("nobody"), 422, "invalid_address", "/contact/address"),
        (contact("=cmd@example.org"), 422, "invalid_address", "/contact/address"),
        (json!({"volume": {}}), 422, "invalid_request", "/volume"),
        (json!({"everything": {"wording": 1}}), 422, "invalid_request", ""),
    ] {
        let answer = share(&world, &sender, request.clone()).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{request}: {answer:?}");
        assert!(pointer.is_empty() || answer.json()["pointer"] == pointer, "{answer:?}");
        assert!(
            code != "wording_changed" || answer.text.contains("The relay counts, by UTC day"),
            "{answer:?}"
        );
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_scope_admin_decides_and_reads() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let more = json!({"scopes": ["notify", "register"]});
    let made = world.relay.post("/v1/senders/self/credentials", Some(&sender.credential), &more).await.json();
    let bearer = made["credential"].as_str().unwrap();
    let preview = format!("{SHARING}/preview");
    for (method, path) in [
        (Method::GET, SHARING),
        (Method::PUT, SHARING),
        (Method::GET, &preview),
        (Method::GET, USAGE),
        (Method::DELETE, USAGE),
    ] {
        let answer = world.relay.call(method, path, Some(bearer), Some(&json!({}))).await;
        assert_eq!(answer.code(), "scope_missing", "{path}");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_in_the_config_erases_what_was_shared_and_no_call_lifts_it() {
    let mut world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let phones = phones(&world, &sender, 5).await;
    assert_eq!(share(&world, &sender, json!({"volume": {"wording": 1}})).await.status, 200);
    notify(&world, &sender, &phones, true).await;
    write(&mut world).await;
    let file = world.folder.path().join("sealpush.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, config.replace("[sharing]\n", "[sharing]\nmode = \"locked_off\"\n")).unwrap();

    let reloaded = world.admin.post("/admin/reload", None, &json!({})).await.json();

    assert_eq!(reloaded["changed"], json!(["sharing"]));
    assert_eq!(counted(&read(&world, &sender, USAGE).await), []);
    let sharing = read(&world, &sender, SHARING).await;
    assert_eq!((&sharing["mode"], &sharing["categories"][0]["state"]), (&json!("locked_off"), &json!("off")));
    for _ in 0..2 {
        let refused = share(&world, &sender, json!({"volume": {"wording": 1}})).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "sharing_locked_off"));
        write(&mut world).await;
    }
    assert_eq!(share(&world, &sender, json!({})).await.status, 200, "off it may be");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_at_the_start_erases_what_was_shared_before() {
    let mut world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let contact = json!({"contact": {"wording": 1, "address": "security@example.org"}});
    assert_eq!(share(&world, &sender, contact).await.status, 200);
    world.stop_relay().await;
    let file = world.folder.path().join("sealpush.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("sharing = \"locked_off\"\n{}", config.replace("[sharing]\n", "")))
        .unwrap();

    world.start_relay().await;

    assert_eq!(read(&world, &sender, USAGE).await["contact"], Value::Null);
    let last = world.acts().await.last().unwrap().clone();
    assert_eq!((&last["action"], &last["actor"]), (&json!("sharing.lock"), &json!("relay")));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_sender_sees_withdraws_and_erases_what_it_shares() {
    let world = World::start().await;
    let sender = world.sender("sealed_only").await;
    let contact = json!({"contact": {"wording": 1, "address": "security@example.org"}});
    assert_eq!(share(&world, &sender, contact).await.status, 200);
    let suspend = format!("/admin/senders/{}/suspend", sender.id);
    assert_eq!(world.admin.post(&suspend, None, &json!({})).await.status, 204);

    assert_eq!(read(&world, &sender, USAGE).await["contact"], "security@example.org");
    assert_eq!(share(&world, &sender, json!({})).await.status, 200);

    assert_eq!(read(&world, &sender, USAGE).await["contact"], Value::Null);
    assert_eq!(world.delete(USAGE, &sender.credential).await.status, 204);
    world.end().await;
}

/// The operator can switch none on: what the admin API has of sharing reads.
#[test]
fn no_route_of_the_operators_changes_what_a_sender_shares() {
    let table = include_str!("../../../src/api/admin/routes.rs");
    let routes: Vec<_> =
        table.lines().filter(|line| line.contains("usage") || line.contains("sharing")).collect();
    let named: Vec<_> = routes.iter().filter(|line| line.contains(".route(")).collect();
    assert_eq!(named.len(), 2, "{routes:?}");
    for route in named {
        assert!(route.contains("get(usage::"), "{route}");
        let changes = ["post(", "put(", "patch(", "delete("];
        assert!(!changes.iter().any(|method| route.contains(method)), "{route}");
    }
}

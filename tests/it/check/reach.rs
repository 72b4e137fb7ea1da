//! The relay opens no connection that `sealpush check --network` does not list.
//!
//! The whole of a relay's life, in a network of its own where every address is this machine and every packet and
//! every question for a name is recorded.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr, TcpStream, UdpSocket};
use std::process::Command;
use std::time::Duration;

use serde_json::json;

use super::isolated::isolated;
use super::recorder::{HOST, RESOLVER, Recorder};
use super::setup::{CONFIG, Setup};
use crate::support::{Client, World};

const INSIDE: &str = "check::reach::a_whole_life_inside_a_network_of_its_own";
/// Every address is this machine; the name server is the recorder's; no name is known without it.
const NETWORK: &str = "
ip link set lo up
ip route add local 0.0.0.0/0 dev lo
ip -6 route add local ::/0 dev lo 2>/dev/null || true
files=$(mktemp -d); mount -t tmpfs tmpfs \"$files\"
echo 'nameserver 192.0.2.53' > \"$files\"/resolv.conf
echo 'hosts: files dns' > \"$files\"/nsswitch.conf
: > \"$files\"/hosts
for file in resolv.conf nsswitch.conf hosts; do
    [ -e /etc/$file ] || : > /etc/$file
    mount --bind \"$files\"/$file \"$(readlink -f /etc/$file)\"
done
exec \"$@\"";

#[test]
fn nothing_is_reached_that_is_not_in_the_list_where_networks_can_be_made() {
    let Some(()) = isolated() else { return };
    let mut command = Command::new("unshare");
    command.args(["--net", "--mount", "sh", "-euc", NETWORK, "sh"]);
    command.arg(std::env::current_exe().unwrap()).args(["--exact", INSIDE, "--ignored", "--nocapture"]);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::test]
#[ignore = "run by the test above, in a network of its own"]
async fn a_whole_life_inside_a_network_of_its_own() {
    let recorder = Recorder::start();
    let mut setup = Setup::of(World::builder().own_process().simulator(|config| {
        for address in
            [&mut config.apns_production, &mut config.apns_sandbox, &mut config.fcm, &mut config.token]
        {
            address.set_ip(HOST.into());
        }
        // Each push needs a new one: refreshing is part of a life.
        config.access_token_seconds = 1;
    }))
    .await;
    setup.edit(CONFIG, "[relay]\n", "[relay]\npublic_url = \"https://push.example.org\"\n");
    let listed = listed(&setup).await;
    setup.world.start_relay().await;
    live(&setup.world).await;
    let listeners = [&setup.world.relay, &setup.world.operator].map(|client| match client {
        Client::Tcp(address) => *address,
        other => unreachable!("{other:?} is no TCP listener"),
    });
    setup.check(&[]).await;
    setup.world.stop_relay().await;

    let mut allowed = listed.clone();
    allowed.extend(listeners.map(|listener| ("tcp", listener)));
    // What a host answers by UDP goes to where the question came from.
    let is_answer = |(kind, to): &(&str, SocketAddr)| {
        *kind == "udp" && to.ip() == IpAddr::from(RESOLVER) && to.port() != 53
    };
    let strays: Vec<_> = recorder.strays(&allowed).into_iter().filter(|one| !is_answer(one)).collect();
    assert!(strays.is_empty(), "not in the list {listed:?}: {strays:?}");
    let names: Vec<_> = recorder.names.lock().unwrap().iter().cloned().collect();
    assert_eq!(names, ["localhost", "push.example.org"]);
    let seen = recorder.packets.lock().unwrap().clone();
    let unused: Vec<_> =
        listed.difference(&seen).filter(|one| **one != ("tcp", (RESOLVER, 53).into())).collect();
    assert!(unused.is_empty(), "listed, and nothing went there in a whole life: {unused:?}");
    sees_a_stray(&recorder, &allowed);
    setup.end().await;
}

/// The list, with addresses in place of names.
async fn listed(setup: &Setup) -> BTreeSet<(&'static str, SocketAddr)> {
    let list = setup.check(&["--network", "--json"]).await;
    let document: serde_json::Value = serde_json::from_str(&list.out).unwrap();
    let mut listed = BTreeSet::new();
    for one in document["destinations"].as_array().unwrap() {
        let address = one["host"].as_str().unwrap().parse().unwrap_or(IpAddr::from(HOST));
        let address = SocketAddr::new(address, one["port"].as_u64().unwrap().try_into().unwrap());
        for protocol in one["protocols"].as_array().unwrap() {
            listed.insert((if protocol == "tcp" { "tcp" } else { "udp" }, address));
        }
    }
    assert!(listed.len() >= 6, "{document}");
    listed
}

/// Register, send, send again with a new access token, read what came of it.
async fn live(world: &World) {
    let sender = world.sender("sealed_only").await;
    let (iphone, android) = (world.iphone(&sender, false).await, world.android(&sender, false).await);
    for wait in [true, false] {
        let targets = json!([{"subscription": iphone.subscription}, {"subscription": android.subscription}]);
        let id = world.notification_id();
        world.notify(&sender, json!({"id": id, "targets": targets, "wait": wait})).await;
        world.decided(&sender, &id).await;
        tokio::time::sleep(Duration::from_millis(1100)).await;
    }
}

/// Whoever records nothing finds no stray.
fn sees_a_stray(recorder: &Recorder, allowed: &BTreeSet<(&'static str, SocketAddr)>) {
    let (tcp, udp): (SocketAddr, SocketAddr) =
        ("198.51.100.9:9".parse().unwrap(), "198.51.100.9:123".parse().unwrap());
    let _refused = TcpStream::connect(tcp);
    UdpSocket::bind("0.0.0.0:0").unwrap().send_to(b"?", udp).unwrap();
    for _ in 0..500 {
        if recorder.strays(allowed).contains(&("tcp", tcp))
            && recorder.strays(allowed).contains(&("udp", udp))
        {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("a connection that nobody listed was not seen");
}

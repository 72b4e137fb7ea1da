//! Ways to hosts that end too early, and the relay's own certificate.

use rcgen::{CertificateParams, KeyPair, date_time_ymd};

use super::Setup;
use super::setup::CONFIG;

/// A listener with a certificate of these years for `push.example.org`.
fn certificate(setup: &Setup, from: i32, until: i32) {
    let key = KeyPair::generate().unwrap();
    let mut leaf = CertificateParams::new(vec!["push.example.org".to_owned()]).unwrap();
    leaf.not_before = date_time_ymd(from, 1, 1);
    leaf.not_after = date_time_ymd(until, 1, 1);
    std::fs::write(setup.path("tls.pem"), leaf.self_signed(&key).unwrap().pem()).unwrap();
    std::fs::write(setup.path("tls.key"), key.serialize_pem()).unwrap();
    setup.set_mode("tls.key", 0o600);
    let listen = "[listen]\ntls = { certificate = \"tls.pem\", key = \"tls.key\" }\n";
    setup.edit(CONFIG, "[listen]\n", listen);
}

#[tokio::test]
async fn a_host_without_an_address_is_named_with_its_hop() {
    let setup = Setup::new().await;
    // RFC 6761, section 6.4: no name under `invalid` ever has an address.
    let url = setup.value(CONFIG, "apns_production_url");
    setup.edit(CONFIG, &url, "https://push.invalid");
    setup.check(&[]).await.fails(&[
        "✗ network     push.invalid:443 [dns]: its name cannot be resolved (APNs)",
        "-> `getent ahosts push.invalid` must give an address",
        "- credential  app chat at APNs (production): was not asked about: its push service was not reached",
    ]);
    setup.end().await;
}

#[tokio::test]
async fn a_port_that_is_closed_is_named_with_its_hop() {
    let setup = Setup::new().await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = setup.value(CONFIG, "fcm_url");
    setup.edit(CONFIG, &url, &format!("https://{closed}"));
    setup.check(&[]).await.fails(&[
        &format!("✗ network     {closed} [tcp]: it takes no connection (Connection refused"),
        &format!("-> let this machine open TCP connections to 127.0.0.1, port {}", closed.port()),
        "- credential  app chat at FCM: was not asked about",
    ]);
    setup.end().await;
}

#[tokio::test]
async fn an_authority_that_nobody_trusts_is_named_with_its_hop() {
    let setup = Setup::new().await;
    setup.edit(CONFIG, "ca_file = \"ca.pem\"\n", "");
    setup.check(&[]).await.fails(&[
        "[tls]: nobody who is trusted vouches for its certificate (APNs)",
        "[tls]: nobody who is trusted vouches for its certificate (FCM access tokens)",
        "-> a firewall that inspects TLS? Let push services pass, or name its authority in push_services.ca_file",
    ]);
    setup.end().await;
}

#[tokio::test]
async fn a_host_that_speaks_no_tls_is_named_with_its_hop() {
    let setup = Setup::new().await;
    let plain = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = plain.local_addr().unwrap();
    let hangs_up = async { while plain.accept().await.is_ok() {} };
    let url = setup.value(CONFIG, "apns_sandbox_url");
    setup.edit(CONFIG, &url, &format!("https://{address}"));
    let checked = tokio::select! {
        checked = setup.check(&[]) => checked,
        () = hangs_up => unreachable!("the listener stays"),
    };
    checked.fails(&[
        &format!("✗ network     {address} [tls]: the TLS handshake failed"),
        &format!("-> `openssl s_client -connect {address}` shows more"),
    ]);
    setup.end().await;
}

#[tokio::test]
async fn a_host_of_another_name_is_named_with_its_hop() {
    let setup = Setup::new().await;
    // Every address of 127.0.0.0/8 is this machine; the simulators' certificate is for 127.0.0.1 alone.
    let theirs = setup.value(CONFIG, "apns_production_url");
    let theirs = ("127.0.0.1", theirs.rsplit(':').next().unwrap().parse::<u16>().unwrap());
    let other = tokio::net::TcpListener::bind("127.0.0.2:0").await.unwrap();
    let address = other.local_addr().unwrap();
    let forwards = async {
        while let Ok((mut ours, _)) = other.accept().await {
            let mut theirs = tokio::net::TcpStream::connect(theirs).await.unwrap();
            let _ended = tokio::io::copy_bidirectional(&mut ours, &mut theirs).await;
        }
    };
    let url = setup.value(CONFIG, "apns_production_url");
    setup.edit(CONFIG, &url, &format!("https://{address}"));
    let checked = tokio::select! {
        checked = setup.check(&[]) => checked,
        () = forwards => unreachable!("the listener stays"),
    };
    checked.fails(&[
        &format!("✗ network     {address} [tls]: its certificate is for another host (APNs)"),
        "-> somebody else answers there: correct the address in [push_services]",
    ]);
    setup.end().await;
}

#[tokio::test]
async fn a_certificate_that_has_expired_is_told_with_its_last_day() {
    let setup = Setup::new().await;
    certificate(&setup, 2020, 2024);
    setup
        .check(&["--offline"])
        .await
        .fails(&["✗ certificate certificate of 127.0.0.1:0: expired on 2024-01-01", "-> renew it"]);
    setup.end().await;
}

#[tokio::test]
async fn a_certificate_that_is_not_valid_yet_is_told() {
    let setup = Setup::new().await;
    certificate(&setup, 2090, 2099);
    setup.check(&["--offline"]).await.fails(&["✗ certificate certificate of 127.0.0.1:0: is not valid yet"]);
    setup.end().await;
}

#[tokio::test]
async fn a_certificate_for_another_host_is_told() {
    let setup = Setup::new().await;
    certificate(&setup, 2020, 2099);
    setup.edit(CONFIG, "[relay]\n", "[relay]\npublic_url = \"https://relay.example.net\"\n");
    setup.check(&["--offline"]).await.fails(&[
        "✗ certificate certificate of 127.0.0.1:0: is not for relay.example.net, which relay.public_url names",
        "-> get one for that name, or correct relay.public_url",
    ]);
    setup.end().await;
}

#[tokio::test]
async fn offline_asks_no_other_host() {
    let setup = Setup::new().await;
    let checked = setup.check(&["--offline"]).await;
    assert_eq!(checked.code, 0, "{}", checked.out);
    checked.says(&["- network     other hosts: push services were not asked (--offline)"]);
    assert!(setup.world.simulator.records().is_empty());
    setup.end().await;
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named_with_its_hop() {
    let setup = Setup::new().await;
    let proxy = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = proxy.local_addr().unwrap();
    let refuses = async {
        while let Ok((mut client, _)) = proxy.accept().await {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            let _request = client.read(&mut [0; 1024]).await;
            let _gone = client.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").await;
        }
    };
    setup.edit(CONFIG, "[egress]\n", &format!("[egress]\nproxy = \"http://{address}\"\n"));
    let checked = tokio::select! {
        checked = setup.check(&[]) => checked,
        () = refuses => unreachable!("the listener stays"),
    };
    checked.fails(&[
        "[proxy]: the proxy of [egress] refuses this host with status 403 (APNs)",
        "-> let the proxy open tunnels (CONNECT) to localhost, port",
        "- credential  app chat at APNs (production): was not asked about",
    ]);
    setup.end().await;
}

#[tokio::test]
async fn the_operators_certificate_is_looked_at_too() {
    let setup = Setup::new().await;
    certificate(&setup, 2020, 2024);
    setup.edit(CONFIG, "tls = { certificate = \"tls.pem\", key = \"tls.key\" }\n", "");
    setup.edit(
        CONFIG,
        "[operator]\n",
        "[operator]\ntls = { certificate = \"tls.pem\", key = \"tls.key\" }\n",
    );
    setup
        .check(&["--offline"])
        .await
        .fails(&["✗ certificate certificate of 127.0.0.1:0: expired on 2024-01-01"]);
    setup.end().await;
}

//! How many connections one network has.

use std::net::{SocketAddr, UdpSocket};

use serde_json::json;
use time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::Authority;
use super::certificates::Files;
use crate::support::{Client, World};

/// An address of this machine that is not loopback; `None` where it has none. Nothing is sent.
fn own_address() -> Option<std::net::IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("198.51.100.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback()).then_some(address)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_network_cannot_take_every_place_where_the_machine_has_an_address() {
    let Some(own) = own_address() else { return };
    let files = Files::with(&Authority::new().issue(Duration::days(365)));
    let builder = World::builder().config("listen", "address = \"0.0.0.0:0\"");
    let builder = builder.config("listen", files.tls("")).config("limits", "address_connections = 2");
    let world = builder.start().await;
    let Client::Tcp(address) = world.relay else { panic!("the relay listens on TCP") };
    let connect = async |ip| TcpStream::connect(SocketAddr::new(ip, address.port())).await.unwrap();
    let _held = [connect(own).await, connect(own).await];

    let refused = connect(own).await.read_u8().await;

    assert!(refused.is_err(), "{refused:?}");
    let limits = world.admin.get("/admin/limits", None).await.json();
    assert_eq!(limits["networks"], json!(["address_connections"]));
    assert_eq!(world.metric("sealpush_connections_refused_total").await, 1);
    // Others get in: here, who is not counted.
    let mut other = connect("127.0.0.1".parse().unwrap()).await;
    let silence = tokio::time::timeout(std::time::Duration::from_millis(200), other.read_u8()).await;
    assert!(silence.is_err(), "{silence:?}");
    world.end().await;
}

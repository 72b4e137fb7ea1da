//! Sockets that a service manager binds, and the permissions of our own.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Child, Command, Stdio};

use crate::config::{Place, says};
use crate::support::World;

/// The relay's process, with one socket passed to it as systemd passes it: as descriptor 3, under a name.
struct Activated {
    relay: Child,
    _place: Place,
}

impl Activated {
    fn start(socket: OwnedFd, config: &str, passed_as: &str) -> Self {
        let place = Place::new();
        place.config(&format!("{config}\n[operator]\naddress = '127.0.0.1:0'\n"));
        let serve = format!(
            "exec 3<&0 </dev/null; LISTEN_FDS=1 LISTEN_FDNAMES={passed_as} LISTEN_PID=$$ exec {} serve --dev --config {}",
            env!("CARGO_BIN_EXE_sealpush"),
            place.path("sealpush.toml").display()
        );
        let relay = Command::new("sh")
            .args(["-c", &serve])
            .stdin(Stdio::from(socket))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self { relay, _place: place }
    }

    fn refusal(mut self) -> String {
        let mut said = String::new();
        self.relay.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(!self.relay.wait().unwrap().success());
        said
    }
}

impl Drop for Activated {
    fn drop(&mut self) {
        let _ = self.relay.kill();
        let _ = self.relay.wait();
    }
}

/// The answer to `GET /healthz`. The socket is bound already: whoever connects early is answered all the same.
fn healthz(mut stream: impl Read + Write) -> String {
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

const NAMED: &str = "[listen]\nsystemd_socket = 'sealpush.socket'";

#[test]
fn a_relay_serves_the_tcp_socket_that_it_was_passed() {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address: SocketAddr = socket.local_addr().unwrap();
    let _relay = Activated::start(socket.into(), NAMED, "sealpush.socket");
    assert!(healthz(TcpStream::connect(address).unwrap()).starts_with("HTTP/1.1 200"));
}

#[test]
fn a_unix_socket_that_was_passed_is_served_and_outlives_the_relay() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("http.sock");
    let relay = Activated::start(UnixListener::bind(&path).unwrap().into(), NAMED, "sealpush.socket");
    assert!(healthz(UnixStream::connect(&path).unwrap()).starts_with("HTTP/1.1 200"));
    drop(relay);
    assert!(path.exists());
}

#[test]
fn a_socket_of_another_name_is_not_taken_for_ours() {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let relay = Activated::start(socket.into(), NAMED, "other.socket");
    says(&relay.refusal(), &["no socket `sealpush.socket` was passed", "passed: other.socket"]);
}

#[test]
fn a_passed_socket_that_a_network_reaches_needs_tls_as_any_other() {
    let socket = TcpListener::bind("0.0.0.0:0").unwrap();
    let relay = Activated::start(socket.into(), NAMED, "sealpush.socket");
    says(&relay.refusal(), &["systemd:sealpush.socket", "without TLS", "add `tls`"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_senders_socket_has_the_mode_of_the_config() {
    let builder = World::builder().config("listen", "unix_socket = \"http.sock\"");
    let world = builder.config("listen", "unix_socket_mode = \"0660\"").start().await;
    let mode = std::fs::metadata(world.folder.path().join("http.sock")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o660);
    world.end().await;
}

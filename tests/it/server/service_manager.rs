//! What the relay's process tells the service manager that started it.

use std::os::unix::net::UnixDatagram;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::config::Place;

/// A socket such as systemd's, and the relay that was told of it.
struct Manager {
    socket: UnixDatagram,
    relay: Child,
    _place: Place,
}

impl Manager {
    fn start(environment: &[(&str, &str)]) -> Self {
        let place = Place::new();
        place.config("[listen]\naddress = '127.0.0.1:0'\n[operator]\naddress = '127.0.0.1:0'\n");
        let path = place.path("notify.sock");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let relay = Command::new(env!("CARGO_BIN_EXE_sealpush"))
            .args(["serve", "--dev", "--config"])
            .arg(place.path("sealpush.toml"))
            .env("NOTIFY_SOCKET", &path)
            .envs(environment.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { socket, relay, _place: place }
    }

    /// What it says next, but for signs of life.
    fn hears(&self) -> String {
        loop {
            let said = self.hears_all();
            if said != "WATCHDOG=1\n" {
                return said;
            }
        }
    }

    fn hears_all(&self) -> String {
        let mut buffer = [0; 512];
        let length = self.socket.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    }

    fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.relay.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }
}

impl Drop for Manager {
    fn drop(&mut self) {
        let _ = self.relay.kill();
        let _ = self.relay.wait();
    }
}

#[test]
fn the_service_manager_hears_of_start_reload_and_stop() {
    let mut manager = Manager::start(&[]);
    assert!(manager.hears().starts_with("READY=1\n"));

    manager.signal("HUP");

    let reloading = manager.hears();
    let since = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").unwrap_or_default();
    assert!(since.trim().parse::<u64>().is_ok_and(|since| since > 0), "{reloading}");
    assert!(manager.hears().starts_with("READY=1\n"));

    manager.signal("TERM");

    assert!(manager.hears().starts_with("STOPPING=1\n"));
    assert!(manager.relay.wait().unwrap().success());
}

#[test]
fn signs_of_life_come_where_the_service_manager_waits_for_them() {
    let manager = Manager::start(&[("WATCHDOG_USEC", "200000")]);
    let heard: Vec<_> = (0..6).map(|_| manager.hears_all()).collect();
    assert!(heard.iter().filter(|said| *said == "WATCHDOG=1\n").count() >= 4, "{heard:?}");
}

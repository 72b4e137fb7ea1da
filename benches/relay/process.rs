//! The relay as a process of its own, and what the kernel says of it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use sealpush::config::{Config, Mode};

/// A running relay; it is killed when this is dropped.
pub(crate) struct Process {
    child: Child,
    /// Where it listens.
    pub(crate) port: u16,
    pub(crate) folder: PathBuf,
}

impl Process {
    /// Starts the relay on the files in `folder`; how long it took until it listened.
    pub(crate) async fn start(folder: &Path) -> (Self, Duration) {
        let started = Instant::now();
        let child = Command::new(env!("CARGO_BIN_EXE_sealpush"))
            .args(["serve", "--dev", "--config"])
            .arg(folder.join("sealpush.toml"))
            .stdout(Stdio::null())
            .stderr(Stdio::from(std::fs::File::create(folder.join("relay.log")).unwrap()))
            .spawn()
            .unwrap();
        let port = port(folder);
        let relay = Self { child, port, folder: folder.to_owned() };
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            assert!(started.elapsed() < Duration::from_mins(1), "the relay did not start; see relay.log");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        (relay, started.elapsed())
    }

    /// Stops it, and waits until it has written what it had to.
    pub(crate) async fn stop(&mut self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        while self.child.try_wait().unwrap().is_none() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// CPU time so far, user and system, of all threads.
    pub(crate) fn cpu(&self) -> Duration {
        cpu_of(&self.child.id().to_string())
    }

    /// Resident memory.
    pub(crate) fn memory_mb(&self) -> f64 {
        self.status("VmRSS:")
    }

    /// The most that it ever was.
    pub(crate) fn most_memory_mb(&self) -> f64 {
        self.status("VmHWM:")
    }

    fn status(&self, field: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
        line.trim().trim_end_matches(" kB").trim().parse::<f64>().unwrap() / 1024.0
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the relay is told.
pub(crate) fn config(folder: &Path) -> Config {
    Config::load(&folder.join("sealpush.toml"), Mode::Dev).unwrap()
}

fn port(folder: &Path) -> u16 {
    let text = std::fs::read_to_string(folder.join("sealpush.toml")).unwrap();
    let address = text.split("[listen]\naddress = \"127.0.0.1:").nth(1).unwrap();
    address.split('"').next().unwrap().parse().unwrap()
}

/// CPU time of a process (proc(5), `/proc/pid/stat`, fields 14 and 15, in ticks of 10 ms).
pub(crate) fn cpu_of(pid: &str) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

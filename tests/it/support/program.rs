//! The relay as a process of its own: the built binary, its log in a file, and signals.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::Client;

/// A process that does not outlive its test, whatever becomes of that.
struct Owned(Child);

impl Drop for Owned {
    fn drop(&mut self) {
        // It fails where it has ended, which is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `sealpush serve`, running.
pub(crate) struct Program {
    child: Owned,
    asked_to_stop: AtomicBool,
    /// Where senders and apps reach it.
    pub(crate) relay: Client,
    /// Where the operator reaches it over TCP.
    pub(crate) operator: Client,
}

impl Program {
    /// Starts it on the files in `folder` and waits until it listens. `within`: a shell's script for mounts of its own,
    /// in which `"$@"` is the command.
    pub(crate) async fn start(folder: &Path, within: Option<&str>) -> Self {
        let (mut child, log) = spawn(folder, within);
        for _ in 0..2_000 {
            let text = std::fs::read_to_string(&log).unwrap();
            if let (Some(relay), Some(operator)) =
                (address(&text, "listening "), address(&text, "listening for the operator "))
            {
                return Self {
                    child,
                    asked_to_stop: AtomicBool::new(false),
                    relay: Client::Tcp(relay),
                    operator: Client::Tcp(operator),
                };
            }
            assert!(child.0.try_wait().unwrap().is_none(), "the relay ended at its start: {text}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("the relay does not listen after ten seconds: {}", std::fs::read_to_string(&log).unwrap());
    }

    /// Starts it where it is expected to refuse; what it said before it ended.
    pub(crate) async fn refusal(folder: &Path) -> (ExitStatus, String) {
        let (child, log) = spawn(folder, None);
        let status = ended(child).await;
        (status, std::fs::read_to_string(log).unwrap())
    }

    /// Starts it and ends it without a word `after` that, whether it listens by then or not.
    pub(crate) async fn cut_short(folder: &Path, after: Duration) {
        let (_child, _) = spawn(folder, None);
        tokio::time::sleep(after).await;
    }

    /// Ends it without a word, as a power cut does.
    pub(crate) fn kill(mut self) {
        self.child.0.kill().unwrap();
        self.child.0.wait().unwrap();
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.0.id()
    }

    /// Asks it to stop (SIGTERM), and waits until it did.
    pub(crate) async fn terminate(self) -> ExitStatus {
        self.ask_to_stop();
        ended(self.child).await
    }

    /// Asks it to stop (SIGTERM), once: a second signal would stop it at once.
    pub(crate) fn ask_to_stop(&self) {
        if self.asked_to_stop.swap(true, Ordering::SeqCst) {
            return;
        }
        let ask = format!("kill -TERM {}", self.child.0.id());
        assert!(Command::new("sh").args(["-c", &ask]).status().unwrap().success());
    }
}

fn spawn(folder: &Path, within: Option<&str>) -> (Owned, PathBuf) {
    let runs = std::fs::read_dir(folder).unwrap().count();
    let log = folder.join(format!("log-{runs}.txt"));
    let output = File::create(&log).unwrap();
    let program = env!("CARGO_BIN_EXE_sealpush");
    let mut command = match within {
        None => Command::new(program),
        Some(script) => {
            let mut command = Command::new("unshare");
            command.args(["--mount", "sh", "-euc", script, "sh", program]);
            command
        }
    };
    let child = command
        .current_dir(folder)
        .args(["serve", "--dev", "--config"])
        .arg(folder.join("sealpush.toml"))
        .stdin(Stdio::null())
        .stdout(output.try_clone().unwrap())
        .stderr(output)
        .spawn()
        .unwrap();
    (Owned(child), log)
}

async fn ended(mut child: Owned) -> ExitStatus {
    tokio::task::spawn_blocking(move || child.0.wait().unwrap()).await.unwrap()
}

/// The address in the log line that says `what`.
fn address(log: &str, what: &str) -> Option<std::net::SocketAddr> {
    let marker = format!("{what}listener=");
    let rest = &log[log.find(&marker)? + marker.len()..];
    rest.lines().next()?.trim().parse().ok()
}

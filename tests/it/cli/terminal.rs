//! A person at a terminal: runs commands in a directory with a config, and reads what comes back.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, Command, ExitStatus, Output, Stdio};

use crate::config::Place;

const SEALPUSH: &str = env!("CARGO_BIN_EXE_sealpush");

/// A directory with a config that `--dev` takes, and the program.
pub(super) struct Terminal {
    pub(super) place: Place,
}

/// What a command came to.
pub(super) struct Answer {
    /// The exit code.
    pub(super) code: i32,
    /// Standard output.
    pub(super) out: String,
    /// Standard error.
    pub(super) err: String,
}

/// A relay that runs, and stops when this is dropped.
pub(super) struct Running {
    process: Child,
    log: BufReader<ChildStderr>,
    /// Where senders and apps reach it.
    pub(super) address: String,
}

impl Terminal {
    /// A config that holds, on free ports.
    pub(super) fn new() -> Self {
        let place = Place::new();
        place.config("[listen]\naddress = '127.0.0.1:0'\n[operator]\naddress = '127.0.0.1:0'\n");
        Self { place }
    }

    /// Runs a command with nothing to type.
    pub(super) fn run(&self, arguments: &[&str]) -> Answer {
        self.command(arguments).stdin(Stdio::null()).output().unwrap().into()
    }

    /// Runs a command that must go well, and gives what it printed.
    #[track_caller]
    pub(super) fn ok(&self, arguments: &[&str]) -> String {
        let answer = self.run(arguments);
        assert_eq!(answer.code, 0, "{arguments:?}: {}", answer.err);
        answer.out
    }

    /// Runs a command that must print one JSON document.
    #[track_caller]
    pub(super) fn json(&self, arguments: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.ok(&[arguments, &["--json"]].concat())).unwrap()
    }

    /// What was done, as the audit log has it: without what a relay notes of its own config.
    #[track_caller]
    pub(super) fn acts(&self) -> Vec<serde_json::Value> {
        let log = self.json(&["audit", "list", "--dev"]);
        let entries = log["entries"].as_array().unwrap().iter();
        let is_policy = |entry: &serde_json::Value| entry["action"].as_str().unwrap().ends_with(".policy");
        entries.filter(|entry| !is_policy(entry)).cloned().collect()
    }

    /// Starts the relay; when this returns, it listens.
    pub(super) fn serve(&self) -> Running {
        let mut command = self.command(&["serve", "--dev"]);
        let mut process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(process.stderr.take().unwrap());
        let mut running = Running { process, log, address: String::new() };
        let said = running.read_until("listening for the operator");
        let after = said.split("listening listener=").nth(1).unwrap_or_default();
        running.address.push_str(after.split_whitespace().next().unwrap_or_default());
        running
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(SEALPUSH);
        command.args(arguments).current_dir(self.place.path("")).env_clear();
        command.env("SEALPUSH_CONFIG", self.place.path("sealpush.toml"));
        command
    }
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Running {
    /// Reads the log up to the line that has `text`.
    pub(super) fn read_until(&mut self, text: &str) -> String {
        let mut read = String::new();
        while !read.contains(text) {
            let more = self.log.read_line(&mut read).unwrap();
            assert_ne!(more, 0, "the relay ended before it said `{text}`: {read}");
        }
        read
    }

    /// Sends a signal. By the shell's own `kill`: the program of that name is missing on a minimal system.
    pub(super) fn signal(&self, name: &str) {
        let kill = format!("kill -s {name} {}", self.process.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Waits for its end.
    pub(super) fn ended(&mut self) -> ExitStatus {
        self.process.wait().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already where a test waited for that.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

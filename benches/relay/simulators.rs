//! The push services as a process of their own. They record nothing, unless they are asked to.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU16, Ordering};

use push_simulator::{Environment, Record, Simulator, SimulatorConfig};
use serde_json::{Value, json};

use super::setting::NOTIFIED;

/// The app's bundle id.
pub(crate) const TOPIC: &str = "org.example.chat";

/// What the other processes must know of the simulators. They end when this is dropped.
pub(crate) struct Simulators {
    child: Child,
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    pub(crate) facts: Value,
}

/// When a push came: unix milliseconds, and which device it was for.
pub(crate) type Arrival = (String, u64);

/// In the child: answers each line of standard input with one line, until it ends.
pub(crate) fn serve(recording: bool) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let config = SimulatorConfig { record: recording, record_limit: 1 << 20, ..SimulatorConfig::default() };
    let simulator = runtime.block_on(Simulator::start(config)).unwrap();
    let team = simulator.apns_team().clone();
    simulator.add_topic(&team.team_id, TOPIC);
    let tokens: Vec<String> =
        (0..NOTIFIED).map(|_| simulator.apns_device(TOPIC, Environment::Production)).collect();
    say(&json!({
        "apns": simulator.apns(Environment::Production).url(), "ca": simulator.ca_pem(),
        "team": team.team_id, "key": team.key_id, "p8": team.private_key_p8, "tokens": tokens,
    }));
    for line in std::io::stdin().lines() {
        match line.unwrap().as_str() {
            "accepted" => say(&json!(tokens.iter().map(|token| simulator.accepted(token)).sum::<usize>())),
            "arrivals" => say(&json!(simulator.records().iter().map(arrival).collect::<Vec<_>>())),
            other => panic!("nobody asks for {other}"),
        }
    }
}

fn arrival(record: &Record) -> Arrival {
    (record.path.rsplit('/').next().unwrap_or_default().to_owned(), record.at_ms)
}

fn say(value: &Value) {
    println!("{value}");
    std::io::stdout().flush().unwrap();
}

/// Starts them.
pub(crate) fn start(folder: &Path, recording: bool) -> Simulators {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["simulate", if recording { "recording" } else { "counting" }])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (stdin, mut stdout) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    let facts = read(&mut stdout);
    std::fs::write(folder.join("ca.pem"), facts["ca"].as_str().unwrap()).unwrap();
    Simulators { child, pipes: Mutex::new((stdin, stdout)), facts }
}

fn read(stdout: &mut BufReader<ChildStdout>) -> Value {
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap()
}

impl Simulators {
    /// A fact by its name.
    pub(crate) fn fact(&self, name: &str) -> &str {
        self.facts[name].as_str().unwrap()
    }

    /// How many pushes were accepted.
    pub(crate) fn accepted(&self) -> usize {
        serde_json::from_value(self.ask("accepted")).unwrap()
    }

    /// When each push came, oldest first; only where they record.
    pub(crate) fn arrivals(&self) -> Vec<Arrival> {
        serde_json::from_value(self.ask("arrivals")).unwrap()
    }

    fn ask(&self, what: &str) -> Value {
        let (stdin, stdout) = &mut *self.pipes.lock().unwrap();
        writeln!(stdin, "{what}").unwrap();
        read(stdout)
    }

    /// Writes the relay's config.
    pub(crate) fn write_config(&self, folder: &Path) {
        let (port, operator) = (free_port(), free_port());
        let write = |name: &str, text: String| std::fs::write(folder.join(name), text).unwrap();
        std::fs::create_dir(folder.join("apps")).unwrap();
        write("storage.key", "k".repeat(42) + "A");
        write("apps/apns.p8", self.fact("p8").to_owned());
        write(
            "sealpush.toml",
            format!(
                "[relay]\nname = \"Bench\"\ncontact = \"bench@example.org\"\n[listen]\naddress = \
                 \"127.0.0.1:{port}\"\n[operator]\naddress = \"127.0.0.1:{operator}\"\n[storage]\nkey_file = \
                 \"storage.key\"\n[push_services]\napns_production_url = \"{}\"\nca_file = \"ca.pem\"\n\
                 [limits.rates]\nsender_requests = \"4000000000 per minute\"\nsender_targets = \"4000000000 per \
                 minute\"\nsubscription_targets = \"4000000000 per minute\"\naddress_requests = \
                 \"off\"\naddress_registrations = \"off\"\naddress_subscriptions = \"off\"\n",
                self.fact("apns")
            ),
        );
        write(
            "apps/chat.toml",
            format!(
                "id = \"chat\"\nconfirm = \"off\"\n[apns]\nteam_id = \"{}\"\nkey_id = \"{}\"\nkey_file = \
                 \"apns.p8\"\ntopic = \"{TOPIC}\"\n",
                self.fact("team"),
                self.fact("key")
            ),
        );
    }
}

impl Drop for Simulators {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that nobody listens on, and that no connection on its way out is given: whoever tries it before the relay
/// listens might meet itself there.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let offset = u16::try_from(std::process::id() % 10_000).unwrap();
    let ports = std::iter::repeat_with(|| 20_000 + (offset + NEXT.fetch_add(1, Ordering::Relaxed)) % 10_000);
    let free = |port: &u16| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
    ports.take(10_000).find(free).unwrap()
}

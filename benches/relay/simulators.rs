//! The push services as a process of their own, recording nothing.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use push_simulator::{Environment, Simulator, SimulatorConfig};
use serde_json::{Value, json};

/// The app's bundle id.
pub(crate) const TOPIC: &str = "org.example.chat";

/// What the other processes must know of the simulators. They end when this is dropped.
pub(crate) struct Simulators {
    child: Child,
    pub(crate) facts: Value,
}

/// In the child: runs until standard input ends, and makes as many device tokens as each line asks for.
pub(crate) fn serve() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let config = SimulatorConfig { record: false, ..SimulatorConfig::default() };
        let simulator = Simulator::start(config).await.unwrap();
        let team = simulator.apns_team().clone();
        simulator.add_topic(&team.team_id, TOPIC);
        let tokens: Vec<String> =
            (0..super::DEVICES).map(|_| simulator.apns_device(TOPIC, Environment::Production)).collect();
        let facts = json!({
            "apns": simulator.apns(Environment::Production).url(), "ca": simulator.ca_pem(),
            "team": team.team_id, "key": team.key_id, "p8": team.private_key_p8, "tokens": tokens,
        });
        println!("{facts}");
        std::io::stdout().flush().unwrap();
        tokio::task::spawn_blocking(|| {
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
        })
        .await
        .unwrap();
    });
}

/// Starts them.
pub(crate) fn start(folder: &Path) -> Simulators {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .arg("simulate")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let facts: Value = serde_json::from_str(&line).unwrap();
    std::fs::write(folder.join("ca.pem"), facts["ca"].as_str().unwrap()).unwrap();
    Simulators { child, facts }
}

impl Simulators {
    /// A fact by its name.
    pub(crate) fn fact(&self, name: &str) -> &str {
        self.facts[name].as_str().unwrap()
    }

    /// Writes the relay's config.
    pub(crate) fn write_config(&self, folder: &Path, port: u16, operator: u16) {
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
                 minute\"\nsubscription_targets = \"4000000000 per minute\"\naddress_registrations = \"off\"\n",
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

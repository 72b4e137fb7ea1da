//! A relay with its push services, its operator and its senders.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use push_simulator::{Effect, Environment, Push, Record, Rule, RuleTarget, Simulator, SimulatorConfig};
use sealpush::base::{Clock, Entropy, ManualClock, OsEntropy, SystemClock};
use sealpush::config::{Config, Mode};
use sealpush::model::{NotificationId, SubscriptionId};
use sealpush::server::Relay;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Answer, Client, Device, Program, seen};

/// The bundle id of the test's app.
pub(crate) const TOPIC: &str = "org.example.chat";
/// The Firebase project of the test's app.
pub(crate) const PROJECT: &str = "chat-project";

/// A running relay, its simulators and its files.
pub(crate) struct World {
    pub(crate) simulator: Simulator,
    /// The door for senders and apps.
    pub(crate) relay: Client,
    /// The operator's TCP listener.
    pub(crate) operator: Client,
    /// The operator's Unix socket.
    pub(crate) admin: Client,
    pub(crate) folder: TempDir,
    pub(crate) clock: Arc<dyn Clock>,
    running: Running,
    own_process: bool,
    within: Option<&'static str>,
    leftovers: bool,
}

/// The relay of a world.
enum Running {
    /// Stopped.
    Not,
    /// In the test's process.
    Here(Relay),
    /// The built binary.
    Process(Program),
}

/// A sender that was made through the operator's socket.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    pub(crate) id: String,
    pub(crate) credential: String,
}

/// What is special about a world.
pub(crate) struct WorldBuilder {
    simulator: SimulatorConfig,
    clock: Arc<dyn Clock>,
    config: Vec<(&'static str, String)>,
    app: String,
    own_process: bool,
    within: Option<&'static str>,
    leftovers: bool,
}

impl WorldBuilder {
    /// Adds a line to a section of the config.
    pub(crate) fn config(mut self, section: &'static str, line: impl Into<String>) -> Self {
        self.config.push((section, line.into()));
        self
    }

    /// Has the operator's listener on this address.
    pub(crate) fn operator(self, address: &str) -> Self {
        self.config("operator", format!("address = \"{address}\""))
    }

    /// Adds a line to the head of the app file.
    pub(crate) fn app(mut self, line: &str) -> Self {
        let _ = writeln!(self.app, "{line}");
        self
    }

    /// Sets the relay's clock.
    pub(crate) fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Lets time stand still until the test moves it, at the push services too.
    pub(crate) fn at_a_standstill(self) -> (Self, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::at(SystemClock.now()));
        let theirs = Arc::clone(&clock);
        let simulated = push_simulator::Clock::from_fn(move || u64::try_from(theirs.now().0).unwrap());
        let builder = self.clock(Arc::clone(&clock) as Arc<dyn Clock>);
        (builder.simulator(|config| config.clock = simulated), clock)
    }

    /// Changes the simulators.
    pub(crate) fn simulator(mut self, change: impl FnOnce(&mut SimulatorConfig)) -> Self {
        change(&mut self.simulator);
        self
    }

    /// Runs the relay as a process of its own, from the built binary.
    pub(crate) fn own_process(mut self) -> Self {
        self.own_process = true;
        self
    }

    /// The same, begun by a shell's script with mounts of its own, in the world's folder; `"$@"` is the relay.
    pub(crate) fn within(mut self, script: &'static str) -> Self {
        self.within = Some(script);
        self.own_process()
    }

    /// The test means to leave deliveries in the outbox.
    pub(crate) fn leaves_work(mut self) -> Self {
        self.leftovers = true;
        self
    }

    /// Starts it.
    pub(crate) async fn start(self) -> World {
        seen::listen();
        let simulator = Simulator::start(self.simulator).await.unwrap();
        simulator.add_topic(&simulator.apns_team().team_id, TOPIC);
        let folder = TempDir::new().unwrap();
        write_files(&folder, &simulator, &self.config, &self.app);
        let mut world = World {
            simulator,
            relay: Client::Unix("unset".into()),
            operator: Client::Unix("unset".into()),
            admin: Client::Unix("unset".into()),
            folder,
            clock: self.clock,
            running: Running::Not,
            own_process: self.own_process,
            within: self.within,
            leftovers: self.leftovers,
        };
        world.start_relay().await;
        world
    }
}

fn write_files(folder: &TempDir, simulator: &Simulator, lines: &[(&'static str, String)], app: &str) {
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let team = simulator.apns_team();
    std::fs::create_dir(folder.path().join("apps")).unwrap();
    write("ca.pem", simulator.ca_pem());
    write("storage.key", &sealpush_seal::base64url::encode(&(&OsEntropy as &dyn Entropy).bytes::<32>()));
    let random = || sealpush_seal::base64url::encode(&(&OsEntropy as &dyn Entropy).bytes::<32>());
    write("long-term.key", &random());
    let key = json!({"private": random(), "valid_from": "2020-01-01T00:00:00Z", "valid_until": "2100-01-01T00:00:00Z"});
    write("registration-keys.json", &json!({"keys": [key]}).to_string());
    write("apps/apns.p8", &team.private_key_p8);
    write("apps/fcm.json", &simulator.service_account_json(PROJECT));
    let section = |name: &str| {
        let lines = lines.iter().filter(|(section, _)| *section == name);
        lines.fold(format!("[{name}]\n"), |text, (_, line)| format!("{text}{line}\n"))
    };
    let places = lines.iter().any(|(section, line)| *section == "operator" && line.starts_with("address"));
    let listens = lines.iter().any(|(section, _)| *section == "listen");
    let mut config = String::new();
    for (name, fixed) in [
        ("relay", "name = \"Test relay\"\ncontact = \"push@example.org\"\n".to_owned()),
        ("listen", if listens { String::new() } else { "address = \"127.0.0.1:0\"\n".to_owned() }),
        ("admission", String::new()),
        ("operator", if places { String::new() } else { "address = \"127.0.0.1:0\"\n".to_owned() }),
        ("storage", "key_file = \"storage.key\"\n".to_owned()),
        (
            "registration_keys",
            "long_term_key_file = \"long-term.key\"\nring_file = \"registration-keys.json\"\n".to_owned(),
        ),
        ("outcomes", String::new()),
        ("sharing", String::new()),
        ("retention", String::new()),
        ("logs", String::new()),
        ("limits", String::new()),
        ("egress", String::new()),
        (
            "push_services",
            format!(
                "apns_production_url = \"{}\"\napns_sandbox_url = \"{}\"\nfcm_url = \"{}\"\nfcm_token_url = \
                 \"{}\"\nca_file = \"ca.pem\"\n",
                simulator.apns(Environment::Production).url(),
                simulator.apns(Environment::Sandbox).url(),
                simulator.fcm_url(),
                simulator.token_url()
            ),
        ),
    ] {
        config.push_str(&section(name));
        config.push_str(&fixed);
    }
    write("sealpush.toml", &config);
    let (team_id, key_id) = (&team.team_id, &team.key_id);
    // Most tests are about something else than the proof.
    let confirm = if app.contains("confirm = ") { "" } else { "confirm = \"off\"\n" };
    write(
        "apps/chat.toml",
        &format!(
            "id = \"chat\"\n{confirm}{app}\n[apns]\nteam_id = \"{team_id}\"\nkey_id = \
             \"{key_id}\"\nkey_file = \"apns.p8\"\ntopic = \"{TOPIC}\"\n\n[fcm]\nservice_account_file = \
             \"fcm.json\"\n"
        ),
    );
}

impl World {
    /// A world as a new operator has it.
    pub(crate) fn builder() -> WorldBuilder {
        WorldBuilder {
            simulator: SimulatorConfig::default(),
            clock: Arc::new(SystemClock),
            config: Vec::new(),
            app: String::new(),
            own_process: false,
            within: None,
            leftovers: false,
        }
    }

    /// The same, started.
    pub(crate) async fn start() -> Self {
        Self::builder().start().await
    }

    /// A world whose time stands still until the test moves it, at the push services too.
    pub(crate) async fn at_a_standstill() -> (Self, Arc<ManualClock>) {
        let (builder, clock) = Self::builder().at_a_standstill();
        (builder.start().await, clock)
    }

    /// Starts the relay again on the same files.
    pub(crate) async fn start_relay(&mut self) {
        if self.own_process {
            let program = Program::start(self.folder.path(), self.within).await;
            self.relay = program.relay.clone();
            self.operator = program.operator.clone();
            self.admin = Client::Unix(self.folder.path().join("operator.sock"));
            self.running = Running::Process(program);
            return;
        }
        let relay = self.try_to_start().await.unwrap();
        let addresses = relay.addresses().clone();
        self.relay = match addresses.listen.first() {
            Some(address) => Client::Tcp(*address),
            None => Client::Unix(self.folder.path().join("http.sock")),
        };
        self.operator = Client::Tcp(addresses.operator);
        self.admin = Client::Unix(addresses.operator_socket);
        self.running = Running::Here(relay);
    }

    /// A further relay on the same files, in the test's process.
    pub(crate) async fn try_to_start(&self) -> anyhow::Result<Relay> {
        let config = Config::load(&self.folder.path().join("sealpush.toml"), Mode::Dev)?;
        Relay::start(config, Arc::clone(&self.clock), Arc::new(OsEntropy)).await
    }

    /// Stops the relay in order.
    pub(crate) async fn stop_relay(&mut self) {
        match std::mem::replace(&mut self.running, Running::Not) {
            Running::Not => {}
            Running::Here(relay) => relay.stop().await,
            Running::Process(program) => assert!(program.terminate().await.success()),
        }
    }

    /// Asks the relay's process to stop, and does not wait for it.
    pub(crate) fn ask_to_stop(&self) {
        match &self.running {
            Running::Process(program) => program.ask_to_stop(),
            Running::Not | Running::Here(_) => panic!("the relay has no process of its own"),
        }
    }

    /// The relay's process.
    pub(crate) fn process_id(&self) -> u32 {
        match &self.running {
            Running::Process(program) => program.id(),
            Running::Not | Running::Here(_) => panic!("the relay has no process of its own"),
        }
    }

    /// Takes the power from the relay's process.
    pub(crate) fn kill_relay(&mut self) {
        match std::mem::replace(&mut self.running, Running::Not) {
            Running::Process(program) => program.kill(),
            Running::Not | Running::Here(_) => panic!("the relay has no process of its own"),
        }
    }

    /// Ends the world; fails if work was left in the outbox unasked, or if anything was logged or sent that the inventory
    /// does not know.
    pub(crate) async fn end(mut self) {
        if !matches!(self.running, Running::Not) {
            let pending = self.metric("sealpush_outbox_pending").await;
            assert!(self.leftovers || pending == 0, "deliveries were left in the outbox: {pending}");
        }
        self.stop_relay().await;
        seen::sent(&self.simulator.records());
        seen::nothing_unknown_was_logged();
        self.simulator.shutdown().await;
    }

    /// What was done, as the audit log has it: without what the relay notes of its own config.
    pub(crate) async fn acts(&self) -> Vec<Value> {
        let log = self.admin.get("/admin/audit", None).await.json();
        let is_policy = |entry: &Value| entry["action"].as_str().unwrap().ends_with(".policy");
        log["entries"].as_array().unwrap().iter().filter(|entry| !is_policy(entry)).cloned().collect()
    }

    /// Every row of an export, page by page.
    pub(crate) async fn export(&self, path: &str, bearer: &str) -> Vec<Value> {
        let (mut rows, mut query) = (Vec::new(), String::new());
        loop {
            let page = self.relay.get(&format!("{path}{query}"), Some(bearer)).await;
            assert_eq!(page.status, 200, "{page:?}");
            let page = page.json();
            rows.extend(page["rows"].as_array().unwrap().clone());
            let Some(next) = page["next"].as_str() else { return rows };
            query = format!("?after={next}");
        }
    }

    /// A new sender with this content policy.
    pub(crate) async fn sender(&self, content_policy: &str) -> Sender {
        let request = json!({"name": "A server", "content_policy": content_policy});
        let answer = self.admin.post("/admin/senders", None, &request).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let text = |member: &str| answer.json()[member].as_str().unwrap().to_owned();
        Sender { id: text("id"), credential: text("credential") }
    }

    /// An iPhone with the app from the App Store.
    pub(crate) async fn iphone(&self, sender: &Sender, relay_may_seal: bool) -> Device {
        let token = self.simulator.apns_device(TOPIC, Environment::Production);
        Device::register(self, sender, apns(&token), relay_may_seal).await
    }

    /// An Android phone.
    pub(crate) async fn android(&self, sender: &Sender, relay_may_seal: bool) -> Device {
        let token = self.simulator.fcm_device(PROJECT);
        Device::register(self, sender, fcm(&token), relay_may_seal).await
    }

    /// An iPhone's token for calls.
    pub(crate) async fn voip_iphone(&self, sender: &Sender, relay_may_seal: bool) -> Device {
        let token = self.simulator.voip_device(TOPIC, Environment::Production);
        let mut registration = apns(&token);
        registration["token_kind"] = Value::from("voip");
        Device::register(self, sender, registration, relay_may_seal).await
    }

    /// Sends a notification; the id is drawn where `notification` has none.
    pub(crate) async fn notify(&self, sender: &Sender, mut notification: Value) -> Answer {
        if notification["id"].is_null() {
            notification["id"] = Value::from(self.notification_id());
        }
        self.relay.post("/v1/notifications", Some(&sender.credential), &notification).await
    }

    /// Sends a notification that must be decided at once: its one target's document.
    pub(crate) async fn outcome(&self, sender: &Sender, notification: Value) -> Value {
        let answer = self.notify(sender, notification).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["targets"][0].clone()
    }

    /// Asks for outcomes until none is pending.
    pub(crate) async fn decided(&self, sender: &Sender, id: &str) -> Value {
        let path = format!("/v1/notifications/{id}");
        for _ in 0..1_000 {
            let document = self.relay.get(&path, Some(&sender.credential)).await.json();
            let targets = document["targets"].as_array().unwrap();
            if targets.iter().all(|target| target["outcome"] != "pending") {
                return document;
            }
            // The outbox has no way to call a sender: it asks again, as a sender does.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{id} is still pending after 20 seconds");
    }

    /// A metric, by its name with its labels.
    pub(crate) async fn metric(&self, name: &str) -> u64 {
        let metrics = self.operator.get("/metrics", None).await.text;
        let value = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        // What never happened under these labels has no line yet.
        value.map_or(0, |value| value.parse().unwrap())
    }

    /// Waits for what comes by itself and soon.
    pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
        for _ in 0..1_000 {
            if holds().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("not after ten seconds: {what}");
    }

    /// A new id of a notification.
    pub(crate) fn notification_id(&self) -> String {
        NotificationId::ordered(self.clock.now(), &OsEntropy).to_string()
    }

    /// A new id of a subscription, as a device draws it.
    pub(crate) fn subscription_id() -> String {
        SubscriptionId::random(&OsEntropy).to_string()
    }

    /// Removes something with a credential.
    pub(crate) async fn delete(&self, path: &str, bearer: &str) -> Answer {
        self.relay.call(Method::DELETE, path, Some(bearer), None).await
    }

    /// Connections to both push services that have carried a push: a break of one is then no failure of its host.
    pub(crate) async fn warm_up(&self, sender: &Sender) {
        for device in [self.iphone(sender, false).await, self.android(sender, false).await] {
            let targets = json!([{"subscription": device.subscription}]);
            assert_eq!(self.outcome(sender, json!({ "targets": targets })).await["outcome"], "accepted");
        }
    }

    /// Scripts what happens to pushes to one device.
    pub(crate) fn script(&self, device: &Device, effect: Effect, times: u32) {
        let target = RuleTarget::Device(device.token.clone());
        self.simulator.script(Rule::new(target, effect).times(times));
    }

    /// The one push that the device got.
    pub(crate) fn only_push(&self, device: &Device) -> Push {
        let mut inbox = self.inbox(device);
        assert_eq!(inbox.len(), 1, "{inbox:?}");
        inbox.remove(0)
    }

    /// The requests that reached a push service for this device, in the order of arrival.
    pub(crate) fn attempts(&self, device: &Device) -> Vec<Record> {
        let records = self.simulator.records().into_iter();
        records
            .filter(|record| record.path.ends_with(&device.token) || record.body.contains(&device.token))
            .collect()
    }

    /// The code in the first message after `after` to the device with this token.
    pub(crate) async fn code(&self, token: &str, after: usize) -> String {
        let push = self.simulator.next_push(token, after, Duration::from_secs(20)).await;
        let body = push.expect("a code comes").body;
        let code = if body["aps"].is_object() { &body["confirm"] } else { &body["data"]["confirm"] };
        code.as_str().unwrap_or_else(|| panic!("no code: {body}")).to_owned()
    }

    /// What the device's push service took for it so far.
    pub(crate) fn inbox(&self, device: &Device) -> Vec<push_simulator::Push> {
        self.simulator.inbox(&device.token)
    }
}

/// A registration of an iPhone's token from the App Store.
pub(crate) fn apns(token: &str) -> Value {
    json!({"app": "chat", "push_service": "apns", "environment": "production", "device_token": token})
}

/// A registration of an Android phone's token.
pub(crate) fn fcm(token: &str) -> Value {
    json!({"app": "chat", "push_service": "fcm", "device_token": token})
}

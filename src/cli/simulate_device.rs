//! `sealpush simulate-device`: one more phone, which prints what it opens as it comes.

use std::path::PathBuf;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use anyhow::Context;
use clap::{Args, ValueEnum};

use super::client::{AppClient, Hop, HttpClient, SimulatorClient, Trust};
use super::demo::DemoFile;
use super::device::{Phone, PhoneSetup, PushAddress, Shown, TrustModel};
use super::files::SenderFile;
use super::printable::printable;
use super::program::program;
use super::terminal::Terminal;
use crate::base::{Clock, OsEntropy, SystemClock};

const GOOD: Style = AnsiColor::Green.on_default();
const NOTE: Style = AnsiColor::Yellow.on_default();
const TITLE: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

const AFTER_HELP: &str = "\
The phone gets a device token from the push simulator, registers it at the relay, subscribes its server, and writes its
subscription and public key into the server's key file: what an app hands over at its own login. Then it waits.

Examples:
  sealpush demo --keep                                   in one terminal, which prints its folder
  sealpush simulate-device --demo /tmp/sealpush-demo-…   in another
  sealpush simulate-device --push-service fcm --name Tablet --demo /tmp/sealpush-demo-…
  sealpush simulate-device --simulator http://localhost:8490 --sender-keys server.json --app chat --topic org.example.chat";

/// Register one more simulated phone, and print what it opens as it comes
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct SimulateDevice {
    /// The folder of a running `sealpush demo --keep`, in place of the options below
    #[arg(long, value_name = "FOLDER")]
    demo: Option<PathBuf>,
    /// The control API of the push simulator
    #[arg(long, value_name = "URL", required_unless_present = "demo")]
    simulator: Option<String>,
    /// The key file of the phone's server, which names the relay; the phone adds itself to it
    #[arg(long, value_name = "FILE", required_unless_present = "demo")]
    sender_keys: Option<PathBuf>,
    /// The app's id at the relay
    #[arg(long, required_unless_present = "demo")]
    app: Option<String>,
    /// The app's bundle id (APNs) or Firebase project (FCM)
    #[arg(long, value_name = "NAME", required_unless_present = "demo")]
    topic: Option<String>,
    /// Whose phone it is
    #[arg(long, value_enum, default_value_t = PushServiceName::Apns)]
    push_service: PushServiceName,
    /// What its server calls it
    #[arg(long)]
    name: Option<String>,
    /// End after so many messages
    #[arg(long, value_name = "NUMBER")]
    count: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PushServiceName {
    Apns,
    Fcm,
}

/// Where everything is.
struct Places {
    simulator: String,
    sender_keys: PathBuf,
    app: String,
    topic: String,
}

impl SimulateDevice {
    pub(super) async fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        let places = self.places()?;
        let mut server = SenderFile::read(&places.sender_keys)?;
        let keys_shown = places.sender_keys.display();
        let sender = server.sender.clone().with_context(|| {
            format!("{keys_shown} has no `sender`: the app needs its server's id at the relay, from `sealpush sender add`")
        })?;
        let identity = server.identity.as_ref().with_context(|| {
            format!("{keys_shown} has no identity_key; `sealpush keys identity` makes one")
        })?;
        let http = HttpClient::new(Trust::new(server.ca_file.as_deref())?);
        let simulator =
            SimulatorClient::new(http.clone(), Hop::parse("the push simulator", &places.simulator)?);
        let (push_service, device_token) = match self.push_service {
            PushServiceName::Apns => ("apns", simulator.apns_device(&places.topic).await?),
            PushServiceName::Fcm => ("fcm", simulator.fcm_device(&places.topic).await?),
        };
        let number = server.devices.len() + 1;
        let setup = PhoneSetup {
            name: self.name.unwrap_or_else(|| format!("phone {number}")),
            app: &places.app,
            address: PushAddress { push_service, device_token: device_token.clone() },
            sender: &sender,
            trust: TrustModel::ServerSigns(identity.public()),
        };
        let relay = AppClient::new(http, Hop::parse("the relay", &server.relay)?);
        let mut phone = Phone::set_up(&relay, setup, &OsEntropy).await?;
        if phone.is_pending() {
            let first = simulator.pushes(&device_token, 0).await?.into_iter().next();
            let first = first.context("the relay's code did not come through the push service")?;
            phone.prove(&relay, first.number, &first.body).await?;
        }
        server.devices.push(phone.for_its_server());
        server.write(&places.sender_keys)?;
        let (name, program) = (phone.name(), program());
        terminal.aside(format_args!(
            "{TITLE}{name}{TITLE:#} is registered and subscribed; its key stands in {keys_shown}. Send to it:\n  \
             echo '{{\"title\":\"Hello\",\"body\":\"Only you can read this\"}}' | {program} send --keys {keys_shown} --to '{name}'\n\
             Waiting; Ctrl-C ends."
        ))?;
        let (mut last, mut count) = (phone.taken(), 0);
        while self.count.is_none_or(|most| count < most) {
            for push in simulator.pushes(&device_token, last).await? {
                last = push.number;
                count += 1;
                show(terminal, &phone.receive(&push.body, SystemClock.now()))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    fn places(&self) -> anyhow::Result<Places> {
        if let Some(folder) = &self.demo {
            let demo = DemoFile::read(folder)?;
            let topic = match self.push_service {
                PushServiceName::Apns => demo.topic,
                PushServiceName::Fcm => demo.project,
            };
            let sender_keys = self.sender_keys.clone().unwrap_or(demo.sender_keys);
            return Ok(Places { simulator: demo.simulator, sender_keys, app: demo.app, topic });
        }
        let given = |text: &Option<String>| text.clone().unwrap_or_default();
        Ok(Places {
            simulator: given(&self.simulator),
            sender_keys: self.sender_keys.clone().unwrap_or_default(),
            app: given(&self.app),
            topic: given(&self.topic),
        })
    }
}

fn show(terminal: &mut Terminal, shown: &Shown) -> std::io::Result<()> {
    if let Some(content) = shown.content() {
        terminal.line(format_args!("{TITLE}{}{TITLE:#}", printable(&content.title)))?;
        for line in content.body.split('\n') {
            terminal.line(format_args!("  {}", printable(line)))?;
        }
        if let Some(data) = &content.data {
            let data = serde_json::to_string(data).unwrap_or_default();
            terminal.line(format_args!("  {DIM}{}{DIM:#}", printable(&data)))?;
        }
    }
    match shown {
        Shown::SignedByServer { sealed_at, .. } => terminal
            .line(format_args!("  {GOOD}✓ signed by its own server{GOOD:#} {DIM}at {sealed_at}{DIM:#}")),
        Shown::SealedByRelay { sealed_at, .. } => {
            terminal.line(format_args!("  {NOTE}✓ sealed by the relay{NOTE:#} {DIM}at {sealed_at}{DIM:#}"))
        }
        Shown::Clear { .. } => terminal.line(format_args!("  {NOTE}not sealed{NOTE:#}")),
        Shown::Placeholder { text, reference } => {
            terminal.line(format_args!("{TITLE}{}{TITLE:#}", printable(text)))?;
            let reference = reference.as_deref().map_or_else(|| "no reference".to_owned(), printable);
            terminal.line(format_args!("  {DIM}no content came; {reference}{DIM:#}"))
        }
        Shown::Refused(refusal) => terminal.line(format_args!("{NOTE}✗ refused:{NOTE:#} {}", refusal.0)),
    }
}

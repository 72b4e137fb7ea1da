//! Starts all simulated push services and runs until it is told to stop.
//!
//! Writes what a client needs into a folder, prints the addresses as one JSON object, and waits for SIGINT or
//! SIGTERM.

use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use push_simulator::{
    APNS_REFUSALS, Environment, FcmFailure, FcmQuotas, OauthFailure, Simulator, SimulatorConfig,
};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

/// Simulators of APNs, FCM and Google's OAuth token endpoint, on this machine.
#[derive(Debug, Parser)]
#[command(version, after_long_help = provocations())]
struct Arguments {
    /// Folder for ca.pem, the APNs signing key and the service account file; made if it does not exist.
    #[arg(long, default_value = "push-simulator-keys")]
    folder: PathBuf,
    /// Address to listen on.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    listen: IpAddr,
    /// Port of the production APNs host; 0 takes any free one, as for the other ports.
    #[arg(long, default_value_t = 0)]
    apns_port: u16,
    /// Port of the sandbox APNs host.
    #[arg(long, default_value_t = 0)]
    apns_sandbox_port: u16,
    /// Port of the FCM API.
    #[arg(long, default_value_t = 0)]
    fcm_port: u16,
    /// Port of the OAuth token endpoint.
    #[arg(long, default_value_t = 0)]
    token_port: u16,
    /// Port of the control API, which listens on loopback whatever `--listen` says.
    #[arg(long, default_value_t = 0)]
    control_port: u16,
    /// Bundle id that the first APNs team may push to; may be repeated.
    #[arg(long = "topic", default_value = "com.example.chat")]
    topics: Vec<String>,
    /// Firebase project.
    #[arg(long, default_value = "example-project")]
    project: String,
    /// Only count what is accepted: no records, no inboxes.
    #[arg(long)]
    no_record: bool,
    /// Lifetime of access tokens, in seconds.
    #[arg(long, default_value_t = 3_599)]
    access_token_seconds: u64,
    /// Streams that a client may have open on one HTTP/2 connection.
    #[arg(long, default_value_t = 1_000)]
    max_concurrent_streams: u32,
    /// Seconds between two provider tokens on one APNs connection.
    #[arg(long, default_value_t = 1_200)]
    provider_token_gap_seconds: u64,
    /// Refusals of 4xx that an APNs connection gets before it is closed, `BadDeviceToken` counted twice, 410 not at
    /// all; 0 is endless patience.
    #[arg(long, default_value_t = 200)]
    apns_patience: u32,
    /// Pushes to one APNs device in a minute before it is `TooManyRequests`.
    #[arg(long)]
    apns_device_per_minute: Option<u32>,
    /// Hold senders to the quotas that Google publishes for projects, devices and collapsible messages.
    #[arg(long)]
    fcm_quotas: bool,
}

impl Arguments {
    fn config(&self) -> SimulatorConfig {
        let at = |port| SocketAddr::new(self.listen, port);
        SimulatorConfig {
            apns_production: at(self.apns_port),
            apns_sandbox: at(self.apns_sandbox_port),
            fcm: at(self.fcm_port),
            token: at(self.token_port),
            control_address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), self.control_port),
            control: true,
            record: !self.no_record,
            access_token_seconds: self.access_token_seconds,
            max_concurrent_streams: self.max_concurrent_streams,
            provider_token_gap_seconds: self.provider_token_gap_seconds,
            apns_patience: self.apns_patience,
            apns_device_per_minute: self.apns_device_per_minute,
            fcm_quotas: if self.fcm_quotas { FcmQuotas::published() } else { FcmQuotas::default() },
            ..SimulatorConfig::default()
        }
    }
}

/// What can be asked for by name in a rule of the control API.
fn provocations() -> String {
    let apns = APNS_REFUSALS.map(|(status, reason)| format!("{status} {reason}")).join(", ");
    format!(
        "What a rule of the control API can provoke, once, some times or always, for a device token, a topic or bundle \
         id, a project, a host, or everything:\n\n  apns_refusal (any status, reason and timestamp; documented are): \
         {apns}\n\n  fcm_failure (with or without retry_after): {}\n\n  oauth_failure (with or without retry_after): \
         {}\n\n  answer (any status, headers and body), delay, silence, break_handshake, break_before, break_after, \
         refuse_stream, go_away\n\nThe README beside the source has the requests.",
        names(&FcmFailure::ALL),
        names(&OauthFailure::ALL),
    )
}

fn names<T: serde::Serialize>(failures: &[T]) -> String {
    let names = failures.iter().map(|failure| json!(failure).as_str().unwrap_or_default().to_owned());
    names.collect::<Vec<_>>().join(", ")
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _closed = writeln!(io::stderr(), "push-simulator: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    let simulator = Simulator::start(arguments.config()).await?;
    let team = simulator.apns_team();
    for topic in &arguments.topics {
        simulator.add_topic(&team.team_id, topic);
    }
    let written = write_files(&simulator, arguments)?;
    let addresses = json!({
        "apns": {
            "production": simulator.apns(Environment::Production).url(),
            "sandbox": simulator.apns(Environment::Sandbox).url(),
        },
        "fcm": simulator.fcm_url(),
        "token": simulator.token_url(),
        "control": simulator.control_url(),
        "apns_team": {"team_id": team.team_id, "key_id": team.key_id},
        "files": written,
    });
    writeln!(io::stdout(), "{addresses}")?;
    tokio::select! {
        _ = interrupted.recv() => {}
        _ = terminated.recv() => {}
    }
    simulator.shutdown().await;
    Ok(())
}

/// Writes CA, signing key and service account file, and says where they are.
fn write_files(simulator: &Simulator, arguments: &Arguments) -> io::Result<serde_json::Value> {
    std::fs::create_dir_all(&arguments.folder)?;
    let folder: &Path = &arguments.folder.canonicalize()?;
    let team = simulator.apns_team();
    let ca = folder.join("ca.pem");
    // The name under which Apple lets the key be downloaded.
    let key = folder.join(format!("AuthKey_{}.p8", team.key_id));
    let account = folder.join("service-account.json");
    std::fs::write(&ca, simulator.ca_pem())?;
    std::fs::write(&key, &team.private_key_p8)?;
    std::fs::write(&account, simulator.service_account_json(&arguments.project))?;
    Ok(json!({"ca": ca, "apns_key": key, "service_account": account}))
}

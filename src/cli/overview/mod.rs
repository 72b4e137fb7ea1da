//! What a config comes to, in one screen: for `serve` at start and for `config show`.
//!
//! What is off by default is left out while it is off. Must not show a secret. Read next: `way_in.rs`.

mod way_in;

use std::io;

use serde::Serialize;

use self::way_in::WayIn;
use super::terminal::Terminal;
use crate::config::{AppConfig, Config, Egress, LogFormat, Mode, RegistrationKeyring};
use crate::model::AdmissionMode;

/// A config without its secrets.
#[derive(Debug, Serialize)]
pub(super) struct Overview {
    name: String,
    version: &'static str,
    config_file: String,
    dev: bool,
    listeners: Vec<WayIn>,
    operator: WayIn,
    operator_socket: String,
    database: String,
    outcomes_kept_hours: u64,
    sharing: &'static str,
    admission: &'static str,
    unused_days: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_keys: Option<RegistrationKeys>,
    content_policy: &'static str,
    limits: Limits,
    logs: &'static str,
    push_services: PushServices,
    egress: WayOut,
    apps: Vec<App>,
}

/// The keys for sealed registrations.
#[derive(Debug, Serialize)]
struct RegistrationKeys {
    count: usize,
    /// The last day of the newest.
    last_day: String,
}

/// The way to the push services, where it is not straight.
#[derive(Debug, Serialize)]
struct WayOut {
    #[serde(skip_serializing_if = "Option::is_none")]
    proxy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proxy_credentials: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bind_address: Option<String>,
}

#[derive(Debug, Serialize)]
struct Limits {
    body_bytes: usize,
    targets: usize,
    connections: usize,
    in_flight: usize,
    wait_seconds: u64,
}

#[derive(Debug, Serialize)]
struct PushServices {
    apns_production: String,
    apns_sandbox: String,
    fcm: String,
    own_roots: bool,
}

#[derive(Debug, Serialize)]
struct App {
    id: String,
    push_services: Vec<&'static str>,
    content_policy: &'static str,
    badge: bool,
    sound: bool,
    confirm: &'static str,
}

impl From<&RegistrationKeyring> for RegistrationKeys {
    fn from(ring: &RegistrationKeyring) -> Self {
        let last = ring.keys.iter().map(|key| key.valid_until).max();
        let last_day = last.map_or_else(String::new, |last| last.day().to_string());
        Self { count: ring.keys.len(), last_day }
    }
}

impl From<&Egress> for WayOut {
    fn from(egress: &Egress) -> Self {
        let proxy = egress.proxy.as_ref();
        Self {
            proxy: proxy.map(|proxy| format!("{}, port {}", proxy.host, proxy.port)),
            proxy_credentials: proxy.map(|proxy| proxy.credentials.is_some()),
            bind_address: egress.bind_address.map(|address| address.to_string()),
        }
    }
}

impl WayOut {
    /// In words, and empty where it is straight.
    fn words(&self) -> String {
        let credentials = if self.proxy_credentials == Some(true) { " with credentials" } else { "" };
        let proxy = self
            .proxy
            .as_ref()
            .map(|proxy| format!("through the proxy {proxy}{credentials}, and by no other way"));
        let from = self.bind_address.as_ref().map(|address| format!("from {address}"));
        proxy.into_iter().chain(from).collect::<Vec<_>>().join(", ")
    }
}

impl From<&AppConfig> for App {
    fn from(app: &AppConfig) -> Self {
        Self {
            id: app.app.id.to_string(),
            push_services: app.app.push_services.iter().map(|service| service.as_str()).collect(),
            content_policy: app.app.content_policy.as_str(),
            badge: app.app.badge_allowed,
            sound: app.app.sound_allowed,
            confirm: app.app.confirm.as_str(),
        }
    }
}

impl Overview {
    /// What `config` comes to.
    pub(super) fn of(config: &Config) -> Self {
        let push_services = &config.push_services;
        Self {
            name: config.relay.name.clone(),
            version: env!("CARGO_PKG_VERSION"),
            config_file: config.file.display().to_string(),
            dev: config.mode == Mode::Dev,
            listeners: config.listen.iter().map(WayIn::from).collect(),
            operator: WayIn::from(&config.operator),
            operator_socket: config.operator.socket.display().to_string(),
            database: config.storage.path.display().to_string(),
            outcomes_kept_hours: config.outcomes.keep.as_secs() / 3600,
            sharing: config.sharing.mode.as_str(),
            admission: config.admission.mode.as_str(),
            unused_days: config.admission.unused_days,
            registration_keys: config.registration_keys.as_ref().map(RegistrationKeys::from),
            content_policy: config.relay.content_policy.as_str(),
            limits: Limits {
                body_bytes: config.limits.body_bytes,
                targets: config.limits.targets,
                connections: config.limits.connections,
                in_flight: config.limits.in_flight,
                wait_seconds: config.limits.wait.as_secs(),
            },
            logs: match config.logs.format {
                LogFormat::Human => "for people",
                LogFormat::Json => "as JSON",
            },
            push_services: PushServices {
                apns_production: push_services.apns_production.clone(),
                apns_sandbox: push_services.apns_sandbox.clone(),
                fcm: push_services.fcm.clone(),
                own_roots: push_services.roots.is_some(),
            },
            egress: WayOut::from(&config.egress),
            apps: config.apps.iter().map(App::from).collect(),
        }
    }

    /// One screen for people.
    pub(super) fn print(&self, terminal: &mut Terminal) -> io::Result<()> {
        terminal.heading(format_args!("Sealpush {} · {}", self.version, self.name))?;
        let mut row = |key: &str, value: &str| terminal.line(format_args!("  {key:<14} {value}"));
        row("config", &self.config_file)?;
        for listener in &self.listeners {
            row("listens on", &listener.line())?;
            listener.remarks().iter().try_for_each(|remark| row("", remark))?;
        }
        row("operator", &format!("{} (metrics, readiness, administration by token)", self.operator.url()))?;
        self.operator.remarks().iter().try_for_each(|remark| row("", remark))?;
        row("", &format!("unix:{} (administrative commands)", self.operator_socket))?;
        row("database", &format!("{} (SQLite, device tokens encrypted)", self.database))?;
        row("outcomes", &outcomes(self.outcomes_kept_hours))?;
        row("sharing", self.sharing)?;
        if self.admission == AdmissionMode::Open.as_str() {
            row("senders", &openly(self.unused_days))?;
        }
        row("registrations", &registrations(self.registration_keys.as_ref()))?;
        row("content", &format!("{} at most; a sender or an app can be stricter", self.content_policy))?;
        let Limits { body_bytes, targets, connections, in_flight, wait_seconds } = &self.limits;
        row(
            "limits",
            &format!(
                "{targets} targets and {} KiB a request, {connections} connections, {in_flight} attempts at once, \
                 answers within {wait_seconds} s",
                body_bytes / 1024
            ),
        )?;
        row("log", &format!("to standard error, {}", self.logs))?;
        row(
            "APNs",
            &format!("{} and {}", self.push_services.apns_production, self.push_services.apns_sandbox),
        )?;
        row("FCM", &self.push_services.fcm)?;
        if self.push_services.own_roots {
            row("", "trusting push_services.ca_file alone")?;
        }
        let egress = self.egress.words();
        if !egress.is_empty() {
            row("way out", &egress)?;
        }
        row(
            "other hosts",
            "none but those named here; `sealpush check --network` lists every one that can be reached",
        )?;
        if self.apps.is_empty() {
            row("app", "none, so nothing can be sent; `sealpush app add` adds one")?;
        }
        for app in &self.apps {
            let allows = match (app.badge, app.sound) {
                (true, true) => "badge and sound allowed",
                (true, false) => "badge allowed",
                (false, true) => "sound allowed",
                (false, false) => "no badge, no sound",
            };
            let services = app.push_services.join(" and ");
            row(
                "app",
                &format!("{}: {services}, {}, {allows}, confirm {}", app.id, app.content_policy, app.confirm),
            )?;
        }
        if self.apps.iter().any(|app| app.confirm == "off") {
            row("confirm off", "not checked: that a device token belongs to the device that registers it")?;
        }
        if self.dev {
            row("--dev", "published example keys are taken: for trying out only")?;
        }
        Ok(())
    }
}

fn registrations(keys: Option<&RegistrationKeys>) -> String {
    let Some(RegistrationKeys { count, last_day }) = keys else {
        return "by apps alone; with [registration_keys] servers may pass on sealed ones".to_owned();
    };
    let keys = if *count == 1 { "1 key".to_owned() } else { format!("{count} keys") };
    format!("by apps, and sealed by way of servers ({keys}, the last until {last_day})")
}

fn openly(unused_days: u16) -> String {
    let unused = match unused_days {
        0 => "unused ones stay".to_owned(),
        days => format!("unused ones are erased after {days} days"),
    };
    format!("whoever asks becomes one, without an invite; {unused}")
}

fn outcomes(hours: u64) -> String {
    if hours == 0 {
        return "not kept; a repeated notification goes out twice".to_owned();
    }
    format!("kept for {hours} h")
}

//! What a config comes to, in one screen: for `serve` at start and for `config show`.

use std::io;

use serde::Serialize;

use super::terminal::Terminal;
use crate::config::{AppConfig, Config, Confirm, Listen, LogFormat, Mode};

/// A config without its secrets.
#[derive(Debug, Serialize)]
pub(super) struct Overview {
    name: String,
    version: &'static str,
    config_file: String,
    dev: bool,
    listeners: Vec<Listener>,
    operator_address: String,
    operator_socket: String,
    database: String,
    outcomes_kept_hours: u64,
    content_policy: &'static str,
    limits: Limits,
    logs: &'static str,
    push_services: PushServices,
    apps: Vec<App>,
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
struct Listener {
    at: String,
    tls: bool,
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

impl From<&Listen> for Listener {
    fn from(listen: &Listen) -> Self {
        Self { at: listen.at.to_string(), tls: listen.tls.is_some() }
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
            confirm: match app.confirm {
                Confirm::Off => "off",
            },
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
            listeners: config.listen.iter().map(Listener::from).collect(),
            operator_address: config.operator.address.to_string(),
            operator_socket: config.operator.socket.display().to_string(),
            database: config.storage.path.display().to_string(),
            outcomes_kept_hours: config.outcomes.keep.as_secs() / 3600,
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
            apps: config.apps.iter().map(App::from).collect(),
        }
    }

    /// One screen for people.
    pub(super) fn print(&self, terminal: &mut Terminal) -> io::Result<()> {
        terminal.heading(format_args!("Sealpush {} · {}", self.version, self.name))?;
        let mut row = |key: &str, value: &str| terminal.line(format_args!("  {key:<14} {value}"));
        row("config", &self.config_file)?;
        for listener in &self.listeners {
            let tls = if listener.tls { "HTTPS" } else { "plain HTTP, for a proxy on this machine" };
            row("listens on", &format!("{} ({tls})", listener.at))?;
        }
        row("operator", &format!("http://{} (metrics, readiness)", self.operator_address))?;
        row("", &format!("unix:{} (administrative commands)", self.operator_socket))?;
        row("database", &format!("{} (SQLite, device tokens encrypted)", self.database))?;
        row("outcomes", &outcomes(self.outcomes_kept_hours))?;
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
        row("other hosts", "none; `sealpush check --network` lists every one that can be reached")?;
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

fn outcomes(hours: u64) -> String {
    if hours == 0 {
        return "not kept; a repeated notification goes out twice".to_owned();
    }
    format!("kept for {hours} h")
}

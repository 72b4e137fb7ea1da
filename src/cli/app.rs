//! `sealpush app`: the client apps that the relay serves. They live in the config, one file each.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Args, Subcommand, ValueEnum};
use http::Method;

use super::config_file::ConfigFile;
use super::operator_link::OperatorLink;
use super::relay_user::check_relay_user;
use super::terminal::Terminal;
use crate::api::admin::{AppList, AuditNote, ReleaseDocument};
use crate::config::{Config, NewApns, NewApp, WrittenApp};
use crate::model::{AppId, Confirm, ContentPolicy, Environment};

/// The arguments.
#[derive(Debug, Args)]
pub(super) struct App {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add an app: writes `<apps_dir>/<id>.toml`, which points to its key files
    Add(Box<Add>),
    /// List the apps that the relay serves
    List(List),
    /// Let an app's deliveries go at once, after what held them was mended
    Release(Release),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  sealpush app add chat \\
    --apns-key AuthKey_ABC123DEFG.p8 --apns-key-id ABC123DEFG \\
    --apns-team-id DEF123GHIJ --apns-topic org.example.chat \\
    --fcm-service-account chat-firebase.json

The key files stay where they are and must be readable by the relay's user alone (chmod 600). The \
file is read back before it counts: one that the relay would refuse is not left behind. A running \
relay serves the app after a restart.")]
struct Add {
    #[command(flatten)]
    file: ConfigFile,
    /// The app's name in registrations: a-z, 0-9, '.', '-' and '_'
    id: AppId,
    /// Whether a device must prove that a token is its own, by echoing a code that comes through its push service
    #[arg(long, value_enum, default_value_t = ConfirmChoice::Required)]
    confirm: ConfirmChoice,
    /// The .p8 key for APNs
    #[arg(long, value_name = "FILE", requires_all = ["apns_key_id", "apns_team_id", "apns_topic"])]
    apns_key: Option<PathBuf>,
    /// The key's id at Apple
    #[arg(long, value_name = "ID", requires = "apns_key")]
    apns_key_id: Option<String>,
    /// The Apple developer team
    #[arg(long, value_name = "ID", requires = "apns_key")]
    apns_team_id: Option<String>,
    /// The app's bundle id
    #[arg(long, value_name = "BUNDLE", requires = "apns_key")]
    apns_topic: Option<String>,
    /// Where the key may be used: production or sandbox [default: both]
    #[arg(long, value_name = "NAME", requires = "apns_key", value_parser = environment)]
    apns_environment: Vec<Environment>,
    /// The service-account file for FCM
    #[arg(long, value_name = "FILE", required_unless_present = "apns_key")]
    fcm_service_account: Option<PathBuf>,
    /// What is shown where there is no content [default: New notification]
    #[arg(long, value_name = "TEXT")]
    placeholder: Option<String>,
    /// The loosest treatment of content: `sealed_only`, `seal_or_omit` or `clear_allowed` [default: `seal_or_omit`]
    #[arg(long, value_name = "POLICY")]
    content_policy: Option<ContentPolicy>,
    /// Let senders set the badge, which the push service sees
    #[arg(long)]
    badge: bool,
    /// Let senders name a sound, which the push service sees
    #[arg(long)]
    sound: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ConfirmChoice {
    /// Yes: the app echoes the code (docs/API.md)
    Required,
    /// No: whoever knows a device token can register it
    Off,
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    file: ConfigFile,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Deliveries of an app whose credential is refused wait, and go on by themselves within a minute or so after it was \
mended: one of them tries again and again. This spares the wait. If nothing was mended, the first refusal \
holds the app again, and nothing is lost. /readyz on the operator's listener says what is held, and why.")]
struct Release {
    #[command(flatten)]
    file: ConfigFile,
    /// The app's id
    id: AppId,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

fn environment(text: &str) -> Result<Environment, String> {
    text.parse().map_err(|_| "must be production or sandbox".to_owned())
}

impl App {
    pub(super) async fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        match self.action {
            Action::Add(add) => add.run(terminal).await?,
            Action::List(list) => list.run(terminal).await?,
            Action::Release(release) => release.run(terminal).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Add {
    async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        // Its warnings are for `serve` and `check`; that there is no app yet is no news here.
        let config = Config::load(&self.file.path(), self.file.mode())?;
        check_relay_user(&config)?;
        let link = OperatorLink::open(&config).await?;
        let new = self.into_new_app()?;
        let WrittenApp { file, app, warnings } = new.write(&config)?;
        let note = AuditNote::AppAdded { app: new.id.to_string() };
        let noted = link.act(Method::POST, "/admin/audit", Some(serde_json::to_vec(&note)?)).await;
        if let Err(error) = noted {
            // A change that is not in the audit log must not be.
            std::fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
            return Err(error.context("the audit log could not be written, so the app was not added"));
        }
        let services: Vec<_> = app.app.push_services.iter().map(|service| service.as_str()).collect();
        terminal.line(format_args!(
            "{} is added: {} ({}).",
            new.id,
            file.display(),
            services.join(" and ")
        ))?;
        for warning in warnings {
            terminal.note(warning)?;
        }
        if link.is_running() {
            terminal.note("Restart the relay to serve it.")?;
        }
        Ok(())
    }

    fn into_new_app(self) -> anyhow::Result<NewApp> {
        let apns = match (self.apns_key, self.apns_key_id, self.apns_team_id, self.apns_topic) {
            (Some(key_file), Some(key_id), Some(team_id), Some(topic)) => {
                let (key_file, environments) = (absolute(&key_file)?, self.apns_environment);
                Some(NewApns { team_id, key_id, key_file, topic, environments })
            }
            _ => None,
        };
        let fcm = self.fcm_service_account.as_deref().map(absolute).transpose()?;
        Ok(NewApp {
            id: self.id,
            confirm: match self.confirm {
                ConfirmChoice::Required => Confirm::Required,
                ConfirmChoice::Off => Confirm::Off,
            },
            placeholder: self.placeholder,
            content_policy: self.content_policy,
            badge: self.badge,
            sound: self.sound,
            apns,
            fcm,
        })
    }
}

/// The paths in an app file begin at its own directory, those of a command line at the working directory.
fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    std::fs::canonicalize(path).with_context(|| format!("cannot find {}", path.display()))
}

impl List {
    async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let link = OperatorLink::open(&self.file.load(terminal)?).await?;
        let list: AppList = link.get("/admin/apps").await?;
        if self.json {
            return terminal.json(&list);
        }
        terminal
            .heading(format_args!("{:24}  {:13}  {:13}  PLACEHOLDER", "ID", "PUSH SERVICES", "POLICY"))?;
        for app in list.apps {
            let services: Vec<_> = app.push_services.iter().map(|service| service.as_str()).collect();
            let (services, policy) = (services.join(", "), app.content_policy.as_str());
            terminal.line(format_args!("{:24}  {services:13}  {policy:13}  {}", app.id, app.placeholder))?;
        }
        Ok(())
    }
}

impl Release {
    async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let link = OperatorLink::open(&self.file.load(terminal)?).await?;
        if !link.is_running() {
            bail!(
                "no relay runs, so nothing is held: a relay that starts tries every app's credentials anew"
            );
        }
        let path = format!("/admin/apps/{}/release", self.id);
        let ReleaseDocument { released } = link.post(&path, &serde_json::Value::Null).await?;
        if self.json {
            return terminal.json(&ReleaseDocument { released });
        }
        match released {
            0 => terminal.line(format_args!("Nothing of {} was held.", self.id))?,
            _ => terminal.line(format_args!(
                "{} goes on: {released} closed way(s) to its push services are open. What waits goes out within \
                 some minutes; the first refusal holds it again.",
                self.id
            ))?,
        }
        Ok(())
    }
}

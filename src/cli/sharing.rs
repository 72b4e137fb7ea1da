//! `sealpush sharing`: a sender's administrator decides what of its usage the relay may record.

use std::io::{IsTerminal, stdin};
use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use clap::{Args, Subcommand, ValueEnum};

use super::own_sender::KeyFile;
use super::printable::printable;
use super::terminal::Terminal;
use super::usage_chart;
use crate::api::{
    AgreeContactRequest, AgreeRequest, CategoryDocument, PreviewDocument, SharingDocument, SharingRequest,
    SharingState,
};
use crate::model::{Category, SharingMode};

/// The arguments.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealpush sharing preview
  sealpush sharing on volume
  sealpush sharing on contact --address security@example.org
  sealpush sharing usage --csv > usage.csv
  sealpush sharing off volume

Everything is off until you switch it on. The relay's operator cannot.")]
pub(super) struct Sharing {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show what the sender shares, and what it may
    Show(Show),
    /// Show what would be stored if everything were shared, with the values of now
    Preview(Show),
    /// Share a category, after reading what that means
    On(On),
    /// Stop sharing a category; what it had collected is erased at once
    Off(Off),
    /// Show all that is stored because of sharing
    Usage(Usage),
    /// Erase the figures that were collected; what is shared is recorded on
    Erase(Erase),
}

/// What may be shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CategoryName {
    /// How many deliveries ended, by day, push service and outcome
    Volume,
    /// How many subscriptions are in use, by day
    Devices,
    /// Name and version of the server's software
    Software,
    /// An e-mail address for incidents
    Contact,
}

#[derive(Debug, Args)]
struct Show {
    #[command(flatten)]
    file: KeyFile,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct On {
    #[command(flatten)]
    file: KeyFile,
    /// What to share
    category: CategoryName,
    /// With `contact`: the e-mail address, best a role's
    #[arg(long, value_name = "ADDRESS")]
    address: Option<String>,
    /// Agree to this version of the wording, without being asked
    #[arg(long, value_name = "VERSION")]
    wording: Option<u32>,
}

#[derive(Debug, Args)]
struct Off {
    #[command(flatten)]
    file: KeyFile,
    /// What to share no longer
    category: CategoryName,
}

#[derive(Debug, Args)]
struct Usage {
    #[command(flatten)]
    file: KeyFile,
    /// As one JSON document
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// As a line for each figure
    #[arg(long)]
    csv: bool,
}

#[derive(Debug, Args)]
struct Erase {
    #[command(flatten)]
    file: KeyFile,
}

impl From<CategoryName> for Category {
    fn from(name: CategoryName) -> Self {
        match name {
            CategoryName::Volume => Self::Volume,
            CategoryName::Devices => Self::Devices,
            CategoryName::Software => Self::Software,
            CategoryName::Contact => Self::Contact,
        }
    }
}

impl Sharing {
    pub(super) async fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        match self.action {
            Action::Show(show) => {
                let sharing = show.file.open()?.1.sharing().await?;
                if show.json { terminal.json(&sharing)? } else { print(terminal, &sharing)? }
            }
            Action::Preview(show) => show.preview(terminal).await?,
            Action::On(on) => on.run(terminal).await?,
            Action::Off(off) => off.run(terminal).await?,
            Action::Usage(Usage { file, json, csv }) => {
                let usage = file.open()?.1.usage().await?;
                usage_chart::print(terminal, &usage, json, csv)?;
            }
            Action::Erase(Erase { file }) => {
                file.open()?.1.erase_usage().await?;
                terminal.line("The figures are erased at the relay.")?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Show {
    async fn preview(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let (_, client) = self.file.open()?;
        let preview = client.preview_sharing().await?;
        if self.json {
            return terminal.json(&preview);
        }
        let sharing = client.sharing().await?;
        for category in &sharing.categories {
            print_wording(terminal, &sharing, category)?;
        }
        let PreviewDocument { would_store, withheld } = preview;
        terminal.heading("What would be stored now, if all of it were shared:")?;
        usage_chart::print(terminal, &would_store, false, false)?;
        if withheld > 0 {
            let least = sharing.least_devices;
            terminal.note(format_args!(
                "{withheld} more count(s) would not be stored: fewer than {least} devices are behind each."
            ))?;
        }
        Ok(terminal
            .note("The software is this program: your server is named by its own User-Agent header.")?)
    }
}

impl On {
    async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let category = Category::from(self.category);
        ensure!(
            self.address.is_some() == (category == Category::Contact),
            "--address belongs to `contact`, and to nothing else"
        );
        let (_, client) = self.file.open()?;
        let sharing = client.sharing().await?;
        ensure!(
            sharing.mode == SharingMode::Offered,
            "the relay's operator locked sharing off for everybody; nothing of it can be switched on"
        );
        let shown = find(&sharing, category)?;
        print_wording(terminal, &sharing, shown)?;
        if self.wording.is_none() {
            confirm(terminal, shown.wording.version)?;
        }
        let wording = self.wording.unwrap_or(shown.wording.version);
        let mut request = as_it_is(&sharing);
        match category {
            Category::Volume => request.volume = Some(AgreeRequest { wording }),
            Category::Devices => request.devices = Some(AgreeRequest { wording }),
            Category::Software => request.software = Some(AgreeRequest { wording }),
            Category::Contact => {
                let address = self.address.context("an address is missing")?;
                request.contact = Some(AgreeContactRequest { wording, address });
            }
        }
        client.share(&request).await?;
        Ok(terminal.line(format_args!("{category} is shared. `sealpush sharing off {category}` ends it."))?)
    }
}

impl Off {
    async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let category = Category::from(self.category);
        let (_, client) = self.file.open()?;
        let mut request = as_it_is(&client.sharing().await?);
        match category {
            Category::Volume => request.volume = None,
            Category::Devices => request.devices = None,
            Category::Software => request.software = None,
            Category::Contact => request.contact = None,
        }
        client.share(&request).await?;
        Ok(terminal.line(format_args!("{category} is not shared; what it had collected is erased."))?)
    }
}

/// A request that changes nothing.
fn as_it_is(sharing: &SharingDocument) -> SharingRequest {
    let mut request = SharingRequest::default();
    for category in &sharing.categories {
        let Some(wording) = category.agreed_wording else { continue };
        match category.category {
            Category::Volume => request.volume = Some(AgreeRequest { wording }),
            Category::Devices => request.devices = Some(AgreeRequest { wording }),
            Category::Software => request.software = Some(AgreeRequest { wording }),
            Category::Contact => {
                let address = category.address.clone();
                request.contact = address.map(|address| AgreeContactRequest { wording, address });
            }
        }
    }
    request
}

fn find(sharing: &SharingDocument, category: Category) -> anyhow::Result<&CategoryDocument> {
    let found = sharing.categories.iter().find(|one| one.category == category);
    found.with_context(|| format!("the relay does not know the category {category}; is it another release?"))
}

fn print(terminal: &mut Terminal, sharing: &SharingDocument) -> anyhow::Result<()> {
    if sharing.mode == SharingMode::LockedOff {
        terminal.note("The relay's operator locked sharing off for everybody.")?;
    }
    terminal.heading(format_args!("{:10}  {:16}  SINCE", "CATEGORY", "STATE"))?;
    for category in &sharing.categories {
        let state = match category.state {
            SharingState::Off => "off",
            SharingState::On => "on",
            SharingState::WordingChanged => "wording changed",
        };
        let since = category.agreed_at.as_deref().map(printable).unwrap_or_default();
        let address = category.address.as_deref().map(printable).unwrap_or_default();
        let name = category.category.as_str();
        terminal.line(format_args!("{name:10}  {state:16}  {since}  {address}").to_string().trim_end())?;
    }
    let changed = sharing.categories.iter().any(|one| one.state == SharingState::WordingChanged);
    if changed {
        terminal.note(
            "Where the wording changed, nothing is recorded until you agree to the new one with `on`.",
        )?;
    }
    Ok(())
}

fn print_wording(
    terminal: &mut Terminal,
    sharing: &SharingDocument,
    category: &CategoryDocument,
) -> anyhow::Result<()> {
    terminal.heading(format_args!("{} (wording {})", category.category, category.wording.version))?;
    let text = printable(&category.wording.text);
    let text = text.replace("`least_devices`", &sharing.least_devices.to_string());
    terminal.line(text.replace("`kept_days`", &sharing.kept_days.to_string()))?;
    Ok(terminal.line("")?)
}

/// Asks a person, and refuses a script that did not say to what it agrees.
fn confirm(terminal: &mut Terminal, version: u32) -> anyhow::Result<()> {
    if !stdin().is_terminal() {
        bail!("say `--wording {version}` to agree to this without being asked");
    }
    terminal.note("Type yes to agree:")?;
    let mut answer = String::new();
    stdin().read_line(&mut answer)?;
    ensure!(answer.trim() == "yes", "nothing was changed");
    Ok(())
}

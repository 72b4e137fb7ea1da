//! `sealpush check`: everything that a relay needs, looked at from where it runs.

mod network;

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use serde_json::json;

use super::config_file::ConfigFile;
use super::operator_link::OperatorLink;
use super::terminal::{Mark, Terminal};
use crate::base::{OsEntropy, SystemClock};
use crate::config::Config;
use crate::operator::checks::{Checks, Finding, Step, Verdict};

/// The arguments.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealpush check                       (as the relay's user: sudo -u sealpush sealpush check)
  sealpush check --offline             (asks no other host)
  sealpush check --json | jq '.findings[] | select(.verdict == \"failed\")'
  sealpush check --network             (every host and port that this config can reach)
  sealpush check --network --nft > /etc/nftables.d/sealpush.nft

It works beside a running relay and without one, and changes nothing. Each app's credential is shown to its \
push service with a push to a device token that no device has, so that nobody gets anything.

Marks: ✓ fine, ! deserves a look, ✗ does not work, - was not looked at.
Exit codes: 0 nothing failed, 1 something failed, 2 the command line was wrong.")]
pub(super) struct Check {
    #[command(flatten)]
    file: ConfigFile,
    /// Ask no other host
    #[arg(long, conflicts_with = "network")]
    offline: bool,
    #[command(flatten)]
    list: List,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct List {
    /// List every host and port that this config can reach, and look at nothing
    #[arg(long)]
    network: bool,
    /// The list as a rule set for nftables
    #[arg(long, requires = "network", conflicts_with = "json")]
    nft: bool,
}

impl Check {
    pub(super) async fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        if self.list.network {
            let config = self.file.load(terminal)?;
            network::print(&config.destinations(), self.list.nft, self.json, terminal)?;
            return Ok(ExitCode::SUCCESS);
        }
        let findings = match Config::load(&self.file.path(), self.file.mode()) {
            Ok(config) => self.look(&config, terminal).await?,
            Err(error) => {
                let refused = Checks::refused(&error);
                self.print(&refused, terminal)?;
                vec![refused]
            }
        };
        let failed = findings.iter().any(|one| one.verdict == Verdict::Failed);
        if self.json {
            terminal.json(&json!({ "ok": !failed, "findings": findings }))?;
        } else {
            terminal.rest()?;
            terminal.line(format_args!("\n{}", summary(&findings)))?;
        }
        Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    /// Looks at everything, and shows each finding as it comes.
    async fn look(&self, config: &Config, terminal: &mut Terminal) -> anyhow::Result<Vec<Finding>> {
        let checks = Checks {
            config,
            relay: OperatorLink::look(config).await,
            offline: self.offline,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(OsEntropy),
        };
        let (mut findings, mut shown) = (Vec::new(), Ok(()));
        checks
            .run(&mut |step| {
                let done = match step {
                    Step::Begun(what) if !self.json => terminal.busy(what),
                    Step::Begun(_) => Ok(()),
                    Step::Found(finding) => {
                        let done = self.print(&finding, terminal);
                        findings.push(finding);
                        done
                    }
                };
                if shown.is_ok() {
                    shown = done;
                }
            })
            .await;
        shown?;
        Ok(findings)
    }

    fn print(&self, finding: &Finding, terminal: &mut Terminal) -> std::io::Result<()> {
        if self.json {
            return Ok(());
        }
        let Finding { area, hop, subject, text, mend, .. } = finding;
        let hop = hop.map(|hop| format!(" [{hop}]")).unwrap_or_default();
        terminal
            .marked(mark(finding.verdict), format_args!("{:<12}{subject}{hop}: {text}", area.as_str()))?;
        match mend {
            Some(mend) => terminal.line(format_args!("  {:<12}-> {mend}", "")),
            None => Ok(()),
        }
    }
}

fn mark(verdict: Verdict) -> Mark {
    match verdict {
        Verdict::Fine => Mark::Good,
        Verdict::Warning => Mark::Note,
        Verdict::Failed => Mark::Bad,
        Verdict::Skipped => Mark::None,
    }
}

fn summary(findings: &[Finding]) -> String {
    let count = |verdict| findings.iter().filter(|one| one.verdict == verdict).count();
    let (failed, warnings) = (count(Verdict::Failed), count(Verdict::Warning));
    let (fine, skipped) = (count(Verdict::Fine), count(Verdict::Skipped));
    format!("{failed} failed, {warnings} deserve a look, {fine} fine, {skipped} not looked at.")
}

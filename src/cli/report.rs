//! `sealpush report`: what somebody who helps needs to know, in a file on the operator's disk. It sends nothing.
//!
//! Owns the closed list of what is in it. Must not hold a value of the config, an id, a host, an address, a token or
//! content: names of settings, counts, and words that are ours. Read next: `server/state_watch.rs`.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};

use super::config_file::ConfigFile;
use super::operator_link::OperatorLink;
use super::terminal::Terminal;
use crate::config::Config;
use crate::operator::checks::RelaySeen;
use crate::privacy::StorageKeyring;
use crate::storage::sqlite::inspect;
use crate::telemetry::{METRICS, MetricKind};

/// How much there is of what, by power of ten.
const SIZES: [&str; 4] =
    ["sealpush_registrations", "sealpush_subscriptions", "sealpush_outbox_pending", "sealpush_outbox_bytes"];

/// The one label that says something of the operator's own: no figure with it is reported.
const APP: &str = "app";

/// The arguments.
#[derive(Debug, Args)]
#[command(after_help = "\
Example: sudo -u sealpush sealpush report --out /tmp/report.json

It works beside a running relay and without one. There is no error reporter, and this command sends nothing: read what it \
wrote, and show it to whom you like. It has versions, the names of the settings that you chose without their values, \
counts, sizes by power of ten, and what changed lately; no name, address, host, id, token or content.")]
pub(super) struct Report {
    #[command(flatten)]
    file: ConfigFile,
    /// Write it to this file too, which must not exist
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Report {
    pub(super) async fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        let config = self.file.load(terminal)?;
        let report = serde_json::to_string_pretty(&report(&config).await?)? + "\n";
        if let Some(to) = &self.out {
            let cannot = || format!("cannot write {}", to.display());
            let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to);
            file.and_then(|mut file| file.write_all(report.as_bytes())).with_context(cannot)?;
        }
        terminal.text(&report)?;
        if let Some(to) = &self.out {
            terminal.note(format_args!("{} has it too. Nothing was sent.", to.display()))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn report(config: &Config) -> anyhow::Result<Value> {
    let chosen = config.chosen_settings()?;
    let apps: Vec<_> = chosen.apps.iter().map(|keys| json!({ "chosen": keys })).collect();
    Ok(json!({
        "sealpush": env!("CARGO_PKG_VERSION"),
        "system": std::env::consts::OS,
        "machine": std::env::consts::ARCH,
        "config": {
            "chosen": chosen.relay,
            "everything_else": "default",
            "listeners": config.listen.len(),
            "warnings": config.warnings.len(),
            "apps": apps,
        },
        "database": database(config).await,
        "relay": relay(config).await?,
    }))
}

/// Of which schema the database is, whole or not, and how large.
async fn database(config: &Config) -> Value {
    let bytes = std::fs::metadata(&config.storage.path).map(|file| file.len());
    let Ok(bytes) = bytes else { return json!({ "state": "missing" }) };
    let keys = StorageKeyring::of(&config.storage);
    match inspect(&config.storage.path, &keys).await {
        Ok(found) => json!({
            "state": if found.damage.is_some() { "damaged" } else { "whole" },
            "schema": found.schema,
            "newest_schema": found.newest,
            "bytes": power_of_ten(bytes),
        }),
        // What it says may name the file.
        Err(_) => json!({ "state": "unreadable", "bytes": power_of_ten(bytes) }),
    }
}

/// What a running relay counted, and what changed lately.
async fn relay(config: &Config) -> anyhow::Result<Value> {
    let state = match OperatorLink::look(config).await {
        RelaySeen::None => "none",
        RelaySeen::Closed(_) => "closed",
        RelaySeen::Silent => "silent",
        RelaySeen::Runs(_) => "runs",
    };
    if state != "runs" {
        return Ok(json!({ "state": state }));
    }
    let link = OperatorLink::open(config).await?;
    let metrics = link.text("/metrics").await?;
    let changes: Value = link.get("/changes").await?;
    Ok(json!({
        "state": state,
        "counts": counts(&metrics),
        "sizes": sizes(&metrics),
        "changes": changes["changes"],
    }))
}

/// The counters of the closed list of metrics, with their labels, which are closed lists too.
fn counts(metrics: &str) -> BTreeMap<&str, u64> {
    let reported = METRICS.iter().filter(|one| one.kind == MetricKind::Counter && !one.labels.contains(&APP));
    let names: Vec<_> = reported.map(|one| one.name).collect();
    let lines = metrics.lines().filter_map(|line| line.rsplit_once(' '));
    let of_list = lines.filter(|(figure, _)| names.contains(&figure.split('{').next().unwrap_or_default()));
    of_list
        .filter_map(|(figure, count)| Some((figure, count.parse().ok()?)))
        .filter(|(_, count)| *count > 0)
        .collect()
}

fn sizes(metrics: &str) -> BTreeMap<&'static str, String> {
    let value = |name: &str| {
        let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|value| value.parse().ok())
    };
    SIZES.into_iter().filter_map(|name| Some((name, power_of_ten(value(name)?)))).collect()
}

/// How large a number is, and not what it is.
fn power_of_ten(number: u64) -> String {
    match number.checked_ilog10() {
        None => "0".to_owned(),
        Some(digits) => format!("10^{digits}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_of_the_list_are_reported_and_nothing_with_an_app() {
        let metrics = "# TYPE sealpush_requests counter\n\
            sealpush_requests_total{route=\"relay\",status=\"200\"} 3\n\
            sealpush_store_errors_total 0\n\
            sealpush_credential_state{app=\"chat\",state=\"held\"} 1\n\
            sealpush_registrations 4321\nanother_total 9\n# EOF";
        let counts = counts(metrics);
        assert_eq!(counts, BTreeMap::from([("sealpush_requests_total{route=\"relay\",status=\"200\"}", 3)]));
        assert_eq!(sizes(metrics), BTreeMap::from([("sealpush_registrations", "10^3".to_owned())]));
    }

    #[test]
    fn a_size_is_told_by_its_power_of_ten() {
        let told = [0, 1, 9, 10, 999, 1_000].map(power_of_ten);
        assert_eq!(told, ["0", "10^0", "10^0", "10^1", "10^2", "10^3"]);
    }
}

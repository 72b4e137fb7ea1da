//! `sealpush privacy papers`: drafts of the papers that privacy law asks an operator for.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use time::Date;
use time::macros::format_description;

use super::super::config_file::ConfigFile;
use super::super::terminal::Terminal;
use crate::base::{Clock, Day, SystemClock};
use crate::operator::papers::papers;

/// The arguments.
#[derive(Debug, Args)]
#[command(after_help = "\
Example: sealpush privacy papers --out papers --date 2026-11-21

The papers are drafts under CC0-1.0, made from the config and from the inventory of this release. They are not legal \
advice: where the law decides, they say so and leave room. Files that are there already stay as they are.")]
pub(super) struct Papers {
    #[command(flatten)]
    file: ConfigFile,
    /// Where they go; made where it is not there
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// The date that stands in them [default: today, in UTC]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    date: Option<Day>,
}

impl Papers {
    pub(super) fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        let config = self.file.load(terminal)?;
        let date = self.date.unwrap_or_else(|| SystemClock.now().day());
        let folder = self.out.display();
        std::fs::create_dir_all(&self.out).with_context(|| format!("cannot make {folder}"))?;
        for paper in papers(&config, date) {
            let path = self.out.join(paper.file);
            let shown = path.display();
            // Whoever filled a draft in does not lose it.
            let mut file =
                OpenOptions::new().write(true).create_new(true).open(&path).with_context(|| {
                    format!(
                        "cannot write {shown}; where it is there already, name another folder and compare"
                    )
                })?;
            file.write_all(paper.text.as_bytes()).with_context(|| format!("cannot write {shown}"))?;
            terminal.line(format_args!("{shown}: {}", paper.title))?;
        }
        terminal
            .note("These are drafts and no legal advice. Fill in what is marked \"check this yourself\".")?;
        Ok(ExitCode::SUCCESS)
    }
}

fn day(text: &str) -> Result<Day, String> {
    // The Julian day of 1970-01-01.
    const EPOCH: i32 = 2_440_588;
    let date = Date::parse(text, format_description!("[year]-[month]-[day]"));
    date.map(|date| Day(date.to_julian_day() - EPOCH)).map_err(|_| "not a date such as 2026-11-21".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_as_it_is_shown() {
        for text in ["1970-01-01", "2026-11-21", "2028-02-29"] {
            assert_eq!(day(text).unwrap().to_string(), text);
        }
        assert!(day("21.11.2026").is_err() && day("2026-02-30").is_err());
    }
}

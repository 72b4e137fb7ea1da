//! What became of every target: for people, for programs, and as exit code.

use std::fmt::Write as _;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::batch::Sent;
use crate::cli::client::TargetAnswer;
use crate::cli::terminal::Terminal;

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const DIM: Style = Style::new().dimmed();

/// Some targets were not accepted.
const SOME_NOT_ACCEPTED: u8 = 3;

/// Everything that `send` has to say; this is also the document of `--json`.
#[derive(Debug, Default, Serialize)]
pub(crate) struct SendReport {
    /// The ids of the notifications: more than one where there are more than 1,000 targets.
    pub(crate) notifications: Vec<String>,
    /// How many targets a push service accepted.
    pub(crate) accepted: usize,
    /// How many targets are not decided yet.
    pub(crate) pending: usize,
    /// How many targets ended otherwise.
    pub(crate) not_accepted: usize,
    /// How many targets there was no answer for; `error` says why.
    pub(crate) unanswered: usize,
    /// Every target with an answer.
    pub(crate) targets: Vec<TargetReport>,
    /// Why the rest was not sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
}

/// One target.
#[derive(Debug, Serialize)]
pub(crate) struct TargetReport {
    /// The device's name in the key file, or its subscription.
    pub(crate) name: String,
    /// The subscription.
    pub(crate) subscription: String,
    /// How its content left this machine.
    pub(crate) sent: Sent,
    /// The outcome.
    pub(crate) outcome: String,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// In which form the content went on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) form: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<String>,
}

impl SendReport {
    /// Takes one answer in.
    pub(crate) fn add(&mut self, name: String, sent: Sent, answer: TargetAnswer) {
        match answer.outcome.as_str() {
            "accepted" => self.accepted += 1,
            "pending" => self.pending += 1,
            _ => self.not_accepted += 1,
        }
        let TargetAnswer { subscription, outcome, reason, form, at } = answer;
        self.targets.push(TargetReport { name, subscription, sent, outcome, reason, form, at });
    }

    /// 0 where every target was accepted (or promised, where that was asked), 1 where some got no answer, else 3.
    pub(crate) fn exit_code(&self, no_wait: bool) -> ExitCode {
        if self.unanswered > 0 || self.error.is_some() {
            ExitCode::FAILURE
        } else if self.not_accepted > 0 || (self.pending > 0 && !no_wait) {
            ExitCode::from(SOME_NOT_ACCEPTED)
        } else {
            ExitCode::SUCCESS
        }
    }

    /// One line for each target, and a sum.
    pub(crate) fn print(&self, terminal: &mut Terminal) -> std::io::Result<()> {
        let widest = self.targets.iter().map(|target| target.name.chars().count()).max().unwrap_or(0);
        for target in &self.targets {
            let style = if target.outcome == "accepted" { GOOD } else { BAD };
            let form = target.form.as_deref().unwrap_or("");
            let reason = target.reason.as_deref().map(|reason| format!(" ({reason})")).unwrap_or_default();
            let padding = widest - target.name.chars().count();
            terminal.line(format_args!(
                "{}{:padding$}  {style}{}{style:#}{reason}  {DIM}{form}{DIM:#}",
                target.name, "", target.outcome
            ))?;
        }
        let total = self.targets.len() + self.unanswered;
        let mut sum = format!("{} of {total} accepted by their push service", self.accepted);
        for (count, what) in [
            (self.pending, "not decided yet"),
            (self.not_accepted, "ended otherwise"),
            (self.unanswered, "without an answer"),
        ] {
            if count > 0 {
                let _infallible = write!(sum, ", {count} {what}");
            }
        }
        terminal.line(format_args!("{sum}."))
    }
}

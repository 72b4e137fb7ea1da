//! `sealpush demo`: one notification in each form, on this machine, from its sender to its phone.
//!
//! Starts simulators and a relay, lets two servers send and three phones receive, and searches everything that
//! anybody on the way could see. Exits 0 only if every phone opened exactly what it should and nothing readable
//! was seen where it must not be. Read next: `scene.rs`, then `verdicts.rs`.

mod captured_log;
mod cast;
mod evidence;
mod folder;
mod forgeries;
mod keep;
mod needle;
mod panel;
mod scan;
mod scene;
mod script;
mod stage;
mod stored;
mod story;
mod verdicts;
mod views;

use std::path::PathBuf;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use anyhow::Context;
use clap::Args;
use tokio::runtime::Builder;

use super::program::program;
use super::signals::Signals;
use super::terminal::Terminal;
use cast::Cast;
use script::Script;
use stage::Stage;
use story::Story;

pub(super) use keep::DemoFile;

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const HEADING: Style = AnsiColor::Cyan.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// Where the width of the terminal is unknown.
const USUAL_WIDTH: usize = 100;

const AFTER_HELP: &str = r#"Everything runs on this machine, in one process: simulators of Apple's and Google's services and a relay with SQLite
in a temporary folder, with real TLS and HTTP/2 between them. Nothing is sent to anybody.

Examples:
  sealpush demo
  echo '{"title":"My server","body":"Something only I may read"}' | sealpush demo --content -
  sealpush demo --json | jq '.verdicts[] | select(.holds | not)'
  sealpush demo --keep

The document of --json: relay {url, version, folder}; notifications[] {phone, push_service, form, sent {by, to, content,
sealed, request, answer}, stored {registration, subscription, notification, waiting}, seen {by, protocol, method, path,
headers, body}, shown {provenance, content, placeholder, reference, fetched}}; verdicts[] {claim, holds, proof};
not_searched[]; passed.

Exit codes: 0 every phone opened exactly what it should and nothing readable was seen where it must not be, 1 otherwise,
2 the command line was wrong."#;

/// Show one notification in each form, from sender to phone, on this machine
///
/// Side by side: what the sender sent, what the relay stored, what Apple's or Google's service saw, and what the phone
/// showed.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Demo {
    /// A notification of your own as JSON with title, body and data; `-` is standard input
    #[arg(long, value_name = "FILE")]
    content: Option<PathBuf>,
    /// Leave everything running until Ctrl-C, and print the commands to play with it
    #[arg(long)]
    keep: bool,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

impl Demo {
    pub(super) fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        let runtime = Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(self.on_stage(terminal))
    }

    async fn on_stage(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        // Before the folder is there, so that it is removed however the demo ends.
        let mut signals = Signals::new()?;
        let script = Script::new(self.content.as_deref())?;
        let stage = Stage::start().await?;
        let played = tokio::select! {
            played = self.play(terminal, &stage, script) => played,
            signal = signals.next() => Err(anyhow::anyhow!("stopped by {signal}")),
        };
        let ended = match played {
            Err(error) => Err(error),
            Ok((passed, cast)) => self.stay(terminal, &stage, &cast, &mut signals).await.map(|()| passed),
        };
        stage.stop().await;
        Ok(if ended? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// Plays everything, and tells whether all is as it must be.
    async fn play(
        &self,
        terminal: &mut Terminal,
        stage: &Stage,
        script: Script,
    ) -> anyhow::Result<(bool, Cast)> {
        let mut cast = Cast::gather(stage).await?;
        let mut needles = evidence::secrets_of(&cast);
        let before = evidence::places(stage, &[]).await?;
        let (own, not_searched) = script.needles(&before);
        needles.extend(own);
        let scenes = script.play(stage, &mut cast).await?;
        needles.extend(scenes.iter().filter_map(evidence::envelope_in));
        let iphone = scenes.first().context("the demo has no scene")?;
        let forgeries = forgeries::try_all(stage, &mut cast.iphone, &mut cast.android, &iphone.push.body)?;
        let places = evidence::places(stage, &scenes).await?;
        let verdicts = verdicts::judge(&scenes, &forgeries, &needles, &places);
        let story = Story::new(stage, &scenes, verdicts, not_searched.clone());
        if self.json {
            terminal.json(&story)?;
        } else {
            show(terminal, stage, &scenes, &story, &not_searched)?;
        }
        Ok((story.passed, cast))
    }

    /// What comes after the show.
    async fn stay(
        &self,
        terminal: &mut Terminal,
        stage: &Stage,
        cast: &Cast,
        signals: &mut Signals,
    ) -> anyhow::Result<()> {
        if self.keep {
            keep::explain(terminal, stage, cast)?;
            signals.next().await;
            terminal.aside("\nStopped; the folder is removed.")?;
        } else if !self.json {
            next_steps(terminal)?;
        }
        Ok(())
    }
}

fn show(
    terminal: &mut Terminal,
    stage: &Stage,
    scenes: &[scene::Scene],
    story: &Story,
    not_searched: &[String],
) -> anyhow::Result<()> {
    let known = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let width = known.unwrap_or(USUAL_WIDTH);
    terminal.line(format_args!(
        "{HEADING}Sealpush{HEADING:#} passes notifications on to phones, and cannot read them. One in each form:"
    ))?;
    for (index, scene) in scenes.iter().enumerate() {
        let (phone, form) = (&scene.phone, scene.plan.form);
        let about = match form {
            "sealed_by_sender" => "its server seals: only the phone can read it",
            "sealed_by_relay" => "its server cannot seal: the relay does, at once, and forgets",
            _ => "an app without keys: the content is left out",
        };
        terminal.line("")?;
        terminal
            .line(format_args!("{HEADING}{}. {phone}{HEADING:#}, {about} {DIM}({form}){DIM:#}", index + 1))?;
        for line in panel::arrange(&views::panels(scene, stage.config.outcomes.keep), width) {
            terminal.line(line)?;
        }
    }
    if known.is_some_and(|width| width < panel::WIDE) {
        let wide = panel::WIDE;
        terminal.line(format_args!("{DIM}On {wide} columns the four views stand side by side.{DIM:#}"))?;
    }
    terminal.line("")?;
    for verdict in &story.verdicts {
        let mark = if verdict.holds { format!("{GOOD}✓{GOOD:#}") } else { format!("{BAD}✗{BAD:#}") };
        terminal.line(format_args!("{mark} {}", verdict.claim))?;
        for line in panel::wrap(&format!("  {}", verdict.proof), width.min(120)) {
            terminal.line(format_args!("{DIM}{line}{DIM:#}"))?;
        }
    }
    if !not_searched.is_empty() {
        let texts: Vec<_> =
            not_searched.iter().map(|text| format!("“{}”", super::printable::printable(text))).collect();
        terminal.note(format_args!("too short or too common to be searched for: {}", texts.join(", ")))?;
    }
    terminal.line("")?;
    if story.passed {
        terminal.line(format_args!(
            "{GOOD}Every phone opened exactly what it should, and nothing readable was seen where it must not be.{GOOD:#}"
        ))?;
    } else {
        terminal.line(format_args!("{BAD}Something above is not as it must be.{BAD:#}"))?;
    }
    Ok(())
}

fn next_steps(terminal: &mut Terminal) -> anyhow::Result<()> {
    terminal.line("")?;
    terminal.line("What to do next:")?;
    let program = program();
    for (arguments, what) in [
        ("demo --keep", "leave it running, and play with curl and `sealpush send`"),
        ("demo --content FILE", "your own notification"),
        ("config example", "begin a relay of your own"),
    ] {
        terminal.line(format_args!("  {program} {arguments:20} {DIM}{what}{DIM:#}"))?;
    }
    Ok(())
}

//! Faces for people at a terminal: each command in its file.
//!
//! Owns arguments, help, what is printed and the exit code: 0 it went well, 1 it failed, 2 the command line
//! was wrong. Must not hold rules or SQL: commands call [`crate::operator`], [`crate::config`] and
//! [`crate::server`]. Read next: `serve.rs`, `sender.rs`.

mod app;
mod audit;
mod check;
mod client;
mod completions;
mod config;
mod config_file;
mod content;
mod credential;
mod demo;
mod device;
mod files;
mod init;
mod input;
mod invite;
mod join;
mod keys;
mod migrate;
mod open;
mod operator;
mod operator_link;
mod outbox;
mod overview;
mod own_credential;
mod own_sender;
mod printable;
mod privacy;
mod program;
mod receipt;
mod relay_keys;
mod relay_user;
mod reload;
mod report;
mod seal;
mod send;
mod sender;
mod sender_usage;
mod serve;
mod service_manager;
mod sharing;
mod signals;
mod simulate_device;
mod storage;
mod terminal;
mod usage_chart;
mod version;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use tokio::runtime::{Builder, Runtime};

use terminal::Terminal;

const AFTER_HELP: &str = "\
To see what it does: sealpush demo

The first steps of an operator:
  sealpush init push.example.org
  sealpush app add chat --help
  sealpush check
  sealpush serve

Exit codes: 0 it went well, 1 it failed, 2 the command line was wrong.";

/// The push relay that cannot read your notifications.
///
/// Servers that other people run hand it notifications whose content is sealed for one device; it passes them
/// on to Apple and Google, and remembers as little as it can. It is for the publisher of an app: store builds
/// of other publishers' apps cannot use it.
#[derive(Debug, Parser)]
#[command(name = "sealpush", version, after_help = AFTER_HELP)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show one notification in each form, from sender to phone, on this machine
    Demo(demo::Demo),
    /// Register one more simulated phone, and print what it opens as it comes
    SimulateDevice(simulate_device::SimulateDevice),
    /// Write a first config with fresh keys
    Init(init::Init),
    /// Look at everything that a relay needs, and say what is wrong and how to mend it
    Check(check::Check),
    /// Write what somebody who helps needs to know to your own disk; it sends nothing
    Report(report::Report),
    /// Run the relay
    Serve(serve::Serve),
    /// Have the running relay read its config again
    Reload(reload::Reload),
    /// Check the config, or print an example
    Config(config::Config),
    /// Bring the database to this release's schema
    Migrate(migrate::Migrate),
    /// Copy the database while the relay runs, and put a copy back
    Storage(storage::Storage),
    /// Add and list the client apps that the relay serves
    App(app::App),
    /// Add, list, suspend, resume and erase the servers that may use the relay
    Sender(sender::Sender),
    /// Make, list and revoke your own tokens for the admin API
    Operator(operator::Operator),
    /// Show what waits in the outbox, and why
    Outbox(outbox::Outbox),
    /// Read the log of administrative changes, and check that it is whole
    Audit(audit::Audit),
    /// List everything that the relay keeps, holds, sends and says of itself; write the papers about it
    Privacy(privacy::Privacy),
    /// Join a relay with its operator's invite, and write the sender's key file
    Join(join::Join),
    /// Show, change or erase the sender at its relay, by its administrator
    #[command(name = "self")]
    OwnSender(own_sender::OwnSender),
    /// List, add, revoke and rotate the sender's credentials, by its administrator
    Credential(credential::Credential),
    /// Decide what of the sender's usage the relay may record, by its administrator
    Sharing(sharing::Sharing),
    /// Seal a notification for devices and hand it to the relay
    Send(send::Send),
    /// Seal content for one device, sign it, and print the envelope
    Seal(seal::Seal),
    /// Open an envelope with a device's keys, and print its content
    Open(open::Open),
    /// Make, list and rotate keys: the relay's own, a sender's, a device's
    Keys(keys::Keys),
    /// Print what makes a shell complete these commands
    Completions(completions::Completions),
    /// Write a manual page for each command
    Man(completions::Man),
    /// Print the release
    Version(version::Version),
}

/// Runs the command line that this process was started with.
#[must_use]
pub fn run() -> ExitCode {
    let CommandLine { command } = CommandLine::parse();
    let mut terminal = Terminal::new();
    match command.run(&mut terminal) {
        Ok(code) => code,
        Err(error) => terminal.failed(&error),
    }
}

impl Command {
    fn run(self, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
        match self {
            Self::Demo(command) => command.run(terminal),
            Self::SimulateDevice(command) => waiting()?.block_on(command.run(terminal)),
            Self::Init(command) => command.run(terminal),
            Self::Check(command) => waiting()?.block_on(command.run(terminal)),
            Self::Report(command) => waiting()?.block_on(command.run(terminal)),
            Self::Serve(command) => command.run(terminal),
            Self::Reload(command) => waiting()?.block_on(command.run(terminal)),
            Self::Config(command) => command.run(terminal),
            Self::Migrate(command) => waiting()?.block_on(command.run(terminal)),
            Self::Storage(command) => waiting()?.block_on(command.run(terminal)),
            Self::App(command) => waiting()?.block_on(command.run(terminal)),
            Self::Sender(command) => waiting()?.block_on(command.run(terminal)),
            Self::Outbox(command) => waiting()?.block_on(command.run(terminal)),
            Self::Audit(command) => waiting()?.block_on(command.run(terminal)),
            Self::Privacy(command) => command.run(terminal),
            Self::Operator(command) => waiting()?.block_on(command.run(terminal)),
            Self::Join(command) => waiting()?.block_on(command.run(terminal)),
            Self::OwnSender(command) => waiting()?.block_on(command.run(terminal)),
            Self::Credential(command) => waiting()?.block_on(command.run(terminal)),
            Self::Sharing(command) => waiting()?.block_on(command.run(terminal)),
            Self::Send(command) => waiting()?.block_on(command.run(terminal)),
            Self::Seal(command) => command.run(terminal),
            Self::Open(command) => command.run(terminal),
            Self::Keys(command) => waiting()?.block_on(command.run(terminal)),
            Self::Completions(command) => command.run(CommandLine::command(), terminal),
            Self::Man(command) => command.run(CommandLine::command(), terminal),
            Self::Version(command) => command.run(terminal),
        }
    }
}

/// What runs a command that waits for a database or a socket. One thread is enough: it does one thing.
fn waiting() -> std::io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

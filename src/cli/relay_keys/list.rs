//! `sealpush keys list`: the relay's own keys, without what is secret of them.

use clap::Args;

use crate::api::admin::KeyList;
use crate::cli::config_file::ConfigFile;
use crate::cli::operator_link::OperatorLink;
use crate::cli::terminal::Terminal;

/// The arguments.
#[derive(Debug, Args)]
#[command(after_help = "\
Example: sudo -u sealpush sealpush keys list

Shown are the keys of the running relay, or those in the key files where none runs. A key is current (used now), \
previous (no longer used for anything new), upcoming or ended. Nothing that is printed is secret.")]
pub(crate) struct List {
    #[command(flatten)]
    file: ConfigFile,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

impl List {
    pub(crate) async fn run(self, terminal: &mut Terminal) -> anyhow::Result<()> {
        let link = OperatorLink::open(&self.file.load(terminal)?).await?;
        print(&link.get("/admin/keys").await?, self.json, terminal)
    }
}

/// Prints what the relay says of its keys.
pub(super) fn print(list: &KeyList, json: bool, terminal: &mut Terminal) -> anyhow::Result<()> {
    if json {
        return terminal.json(list);
    }
    terminal.heading(format_args!(
        "{:12}  {:16}  {:20}  {:20}  {:8}  PUBLIC HALF",
        "KEY", "ID", "VALID FROM", "VALID UNTIL", "STATE"
    ))?;
    for key in &list.keys {
        let kind = key.kind.replace('_', "-");
        let (from, until) = (shown(key.valid_from.as_ref()), shown(key.valid_until.as_ref()));
        terminal.line(format_args!(
            "{kind:12}  {:16}  {from:20}  {until:20}  {:8}  {}",
            key.id,
            key.state,
            shown(key.public.as_ref())
        ))?;
    }
    if list.keys.iter().all(|key| key.kind != "registration") {
        terminal.note(
            "The relay takes no sealed registrations; `sealpush keys generate registration` makes what it needs.",
        )?;
    }
    Ok(())
}

fn shown(text: Option<&String>) -> &str {
    text.map_or("-", String::as_str)
}

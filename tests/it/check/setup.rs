//! A set-up that is fine, to be broken: simulated push services, files as an operator has them, no relay.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use crate::support::{World, WorldBuilder};

/// What the config and the app file are called.
pub(super) const CONFIG: &str = "sealpush.toml";
pub(super) const APP: &str = "apps/chat.toml";

/// A world whose relay does not run.
pub(super) struct Setup {
    pub(super) world: World,
}

/// What a check came to.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) code: i32,
    pub(super) out: String,
    pub(super) err: String,
}

impl Setup {
    /// A set-up that is fine.
    pub(super) async fn new() -> Self {
        Self::of(World::builder()).await
    }

    /// The same with something special about it.
    pub(super) async fn of(builder: WorldBuilder) -> Self {
        let mut world = builder.start().await;
        world.stop_relay().await;
        let setup = Self { world };
        for file in
            ["storage.key", "long-term.key", "registration-keys.json", "apps/apns.p8", "apps/fcm.json"]
        {
            setup.set_mode(file, 0o600);
        }
        setup
    }

    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.world.folder.path().join(file)
    }

    pub(super) fn set_mode(&self, file: &str, mode: u32) {
        std::fs::set_permissions(self.path(file), std::fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Replaces a text that is there in a file.
    #[track_caller]
    pub(super) fn edit(&self, file: &str, from: &str, to: &str) -> &Self {
        let text = std::fs::read_to_string(self.path(file)).unwrap();
        assert!(text.contains(from), "`{from}` is not in {file}: {text}");
        std::fs::write(self.path(file), text.replace(from, to)).unwrap();
        self
    }

    /// The value of a key of the config or of the app file.
    #[track_caller]
    pub(super) fn value(&self, file: &str, key: &str) -> String {
        let text = std::fs::read_to_string(self.path(file)).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{key} = \"")));
        line.unwrap().trim_end_matches('"').to_owned()
    }

    /// `sealpush check` with these arguments.
    pub(super) async fn check(&self, arguments: &[&str]) -> Checked {
        self.run(&[&["check"], arguments].concat(), None).await
    }

    /// A command of the program on this config, from within a shell's script where one is given: in it, `"$@"`
    /// is the command.
    pub(super) async fn run(&self, arguments: &[&str], script: Option<&str>) -> Checked {
        let program = env!("CARGO_BIN_EXE_sealpush");
        let mut command = match script {
            None => Command::new(program),
            Some(script) => {
                let mut command = Command::new("unshare");
                command.args(["--mount", "sh", "-euc", script, "sh", program]);
                command
            }
        };
        command.args(arguments).env("SEALPUSH_CONFIG", self.path(CONFIG)).current_dir(self.path(""));
        // Beside the simulators, which answer meanwhile.
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        Checked::of(&output, &self.path("").display().to_string())
    }

    pub(super) async fn end(self) {
        self.world.end().await;
    }
}

impl Checked {
    /// With the folder's path left out.
    fn of(output: &Output, folder: &str) -> Self {
        let text = |bytes: &[u8]| {
            String::from_utf8_lossy(bytes).replace(folder, "").replace(folder.trim_end_matches('/'), ".")
        };
        Self { code: output.status.code().unwrap(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Asserts that the check failed with each of these texts in its output.
    #[track_caller]
    pub(super) fn fails(&self, texts: &[&str]) {
        assert_eq!(self.code, 1, "{}{}", self.out, self.err);
        self.says(texts);
    }

    /// Asserts that each of these texts is in the output.
    #[track_caller]
    pub(super) fn says(&self, texts: &[&str]) {
        for text in texts {
            assert!(self.out.contains(text), "`{text}` is not in:\n{}{}", self.out, self.err);
        }
    }

    /// The lines with this mark.
    pub(super) fn marked(&self, mark: char) -> Vec<&str> {
        self.out.lines().filter(|line| line.starts_with(mark)).collect()
    }
}

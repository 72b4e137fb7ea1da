//! A disk that takes no more: nothing is promised that cannot be kept, nothing that was promised is lost, and it goes
//! on by itself.

use std::path::{Path, PathBuf};
use std::process::Command;

use push_simulator::Effect;
use serde_json::{Value, json};

use crate::check::isolated::isolated;
use crate::support::{Answer, Device, Sender, World};

/// Promises before the disk must have felt them.
const MOST: usize = 3_000;

fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// Lets no file of the relay grow beyond so many bytes, or any.
fn limit_files(world: &World, bytes: &str) {
    let (pid, limit) = (world.process_id().to_string(), format!("--fsize={bytes}:"));
    assert!(succeeds(Command::new("prlimit").args(["--pid", &pid, &limit])));
}

/// Runs a shell's script in the world's folder, with the mounts of the relay's process.
fn in_its_mounts(world: &World, script: &str) -> bool {
    let mounts = format!("--mount=/proc/{}/ns/mnt", world.process_id());
    let script = format!("cd '{}' && mountpoint -q disk && {script}", world.folder.path().display());
    succeeds(Command::new("nsenter").args([&mounts, "sh", "-c", &script]))
}

/// The files of a database that nobody can write, whoever has them open, until this is dropped.
struct ReadOnly([PathBuf; 2]);

impl ReadOnly {
    /// `None` where this machine cannot.
    fn make(folder: &Path) -> Option<Self> {
        let files = Self(["sealpush.db", "sealpush.db-wal"].map(|name| folder.join(name)));
        succeeds(Command::new("chattr").arg("+i").args(&files.0)).then_some(files)
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        succeeds(Command::new("chattr").arg("-i").args(&self.0));
    }
}

async fn promise(world: &World, sender: &Sender, phone: &Device) -> (String, Answer) {
    let id = world.notification_id();
    let targets = json!([{"subscription": phone.subscription, "reference": "r".repeat(64)}]);
    let answer = world.notify(sender, json!({"id": id, "wait": false, "targets": targets})).await;
    (id, answer)
}

async fn is_ready(world: &World) -> bool {
    world.operator.get("/readyz", None).await.status == 200
}

/// A relay that promised something which is not decided when the disk takes no more.
struct Promised {
    world: World,
    sender: Sender,
    phone: Device,
    ids: Vec<String>,
}

impl Promised {
    async fn by(world: World) -> Self {
        let sender = world.sender("sealed_only").await;
        let phone = world.android(&sender, false).await;
        let (id, answer) = promise(&world, &sender, &phone).await;
        assert_eq!(answer.status, 202);
        world.decided(&sender, &id).await;
        world.script(&phone, Effect::Delay { millis: 1_500 }, 1);
        let mut promised = Self { world, sender, phone, ids: vec![id] };
        promised.promises_one().await;
        promised
    }

    async fn promises_one(&mut self) {
        let (id, answer) = promise(&self.world, &self.sender, &self.phone).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        self.ids.push(id);
    }

    /// Promises until the disk takes no more, which is said as it should be.
    async fn until_refused(&mut self) {
        let refused = loop {
            let (id, answer) = promise(&self.world, &self.sender, &self.phone).await;
            if answer.status != 202 {
                break answer;
            }
            self.ids.push(id);
            assert!(self.ids.len() < MOST, "the limit is not felt");
        };
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (503, "store_unavailable"));
        assert!(refused.headers.contains_key("retry-after"));
        assert!(!is_ready(&self.world).await);
    }

    /// There is room again: it goes on, and everything that was promised is sent once; what was refused is not.
    async fn all_is_sent_once(mut self) {
        let world = &self.world;
        World::until("it is ready again by itself", async || is_ready(world).await).await;
        self.promises_one().await;
        let Self { world, sender, phone, ids } = self;
        for id in &ids {
            let document: Value = world.decided(&sender, id).await;
            assert_eq!(document["targets"][0]["outcome"], "accepted");
        }
        assert_eq!(world.inbox(&phone).len(), ids.len());
        world.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_size_limit_refuses_new_promises_loses_none_and_is_recovered_from() {
    let mut promised = Promised::by(World::builder().own_process().start().await).await;

    limit_files(&promised.world, "65536");
    promised.until_refused().await;

    limit_files(&promised.world, "unlimited");
    promised.all_is_sent_once().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_without_room_refuses_new_promises_loses_none_and_is_recovered_from_where_mounts_can_be_made()
{
    let Some(()) = isolated() else { return };
    let disk = "mkdir disk && mount -t tmpfs -o size=8m tmpfs disk && exec \"$@\"";
    let world = World::builder()
        .within(disk)
        .config("storage", "path = \"disk/sealpush.db\"")
        .config("operator", "socket = \"operator.sock\"");
    let mut promised = Promised::by(world.start().await).await;

    // More than there is room for: what fits is written.
    assert!(in_its_mounts(&promised.world, "! head -c 16M /dev/zero >disk/filled"), "the disk is not full");
    promised.until_refused().await;

    assert!(in_its_mounts(&promised.world, "rm disk/filled"));
    promised.all_is_sent_once().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_turns_read_only_refuses_promises_loses_none_and_is_recovered_from_where_files_can_be_fixed()
 {
    let mut promised = Promised::by(World::builder().own_process().start().await).await;

    let Some(read_only) = ReadOnly::make(promised.world.folder.path()) else {
        return promised.all_is_sent_once().await;
    };
    promised.until_refused().await;

    drop(read_only);
    promised.all_is_sent_once().await;
}

//! `sealpush report`: what is in it, and what is nowhere in it.

use std::path::Path;
use std::process::{Command, Output};

use push_simulator::{Effect, Rule, RuleTarget};
use serde_json::{Value, json};

use super::scan::{Canary, found};
use crate::support::{PROJECT, TOPIC, World};

const NAME: &str = "c4nary-relay-name";
const CONTACT: &str = "c4nary@contact.example";
const HOST: &str = "https://c4nary.host.example";
const SENDER: &str = "c4nary-sender-name";
const CONTENT: &str = "c4nary-content";

/// Runs the command on the files in `folder`, and writes the report there.
async fn report(folder: &Path, name: &str) -> Output {
    let (folder, name) = (folder.to_owned(), name.to_owned());
    let run = move || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sealpush"));
        command.current_dir(&folder).env_clear().args(["report", "--dev", "--config", "sealpush.toml"]);
        command.args(["--out", &name]).output().unwrap()
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

fn read(world: &World, name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(world.folder.path().join(name)).unwrap()).unwrap()
}

/// A relay with canaries in its config, a sender, a phone, a refused credential and errors of every kind.
async fn stage() -> (World, Vec<Canary>) {
    let builder = World::builder().own_process().leaves_work();
    let builder = builder.config("relay", format!("public_url = \"{HOST}\"\ncountry = \"DE\""));
    let world = builder.start().await;
    let file = world.folder.path().join("sealpush.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    let config = config.replace("Test relay", NAME).replace("push@example.org", CONTACT);
    std::fs::write(&file, config).unwrap();
    assert_eq!(world.admin.post("/admin/reload", None, &json!({})).await.status, 200);
    let made = json!({"name": SENDER, "content_policy": "seal_or_omit"});
    let made = world.admin.post("/admin/senders", None, &made).await.json();
    let text = |member: &str| made[member].as_str().unwrap().to_owned();
    let sender = crate::support::Sender { id: text("id"), credential: text("credential") };
    let phone = world.iphone(&sender, true).await;
    let notification = json!({"targets": [{"subscription": phone.subscription}],
        "content": {"title": CONTENT, "body": CONTENT}, "wait": false});
    let held = Effect::apns(403, "InvalidProviderToken");
    world.simulator.script(Rule::new(RuleTarget::Device(phone.token.clone()), held));
    world.notify(&sender, notification).await;
    world.relay.get("/v1/senders/self", Some("sp_s_wrong")).await;
    let team = world.simulator.apns_team();
    let mut canaries: Vec<_> =
        [NAME, CONTACT, HOST, SENDER, CONTENT, TOPIC, PROJECT, &team.team_id, &team.key_id]
            .map(|text| Canary::exactly("a setting, a name or content", text.as_bytes()))
            .into();
    for id in [&sender.id, &sender.credential, &phone.subscription, &phone.registration, &phone.token] {
        canaries.push(Canary::text("an id, a credential or a token", id));
    }
    let folder = world.folder.path().to_str().unwrap();
    for place in [folder, "127.0.0.1", "localhost", "apns.p8", "long-term.key\"", "\"chat\""] {
        canaries.push(Canary::exactly("a place", place.as_bytes()));
    }
    (world, canaries)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_has_counts_and_changes_and_nothing_that_names_anybody() {
    let (world, canaries) = stage().await;
    World::until("the refusal is seen", || async {
        world.operator.get("/changes", None).await.text.contains("held")
    })
    .await;
    let records = world.simulator.records().len();

    let output = report(world.folder.path(), "report.json").await;

    assert!(output.status.success(), "{output:?}");
    let written = std::fs::read(world.folder.path().join("report.json")).unwrap();
    assert_eq!(output.stdout, written, "what is written is what is shown");
    for bytes in [&output.stdout, &output.stderr] {
        let leaked = found(&canaries, bytes);
        assert!(leaked.is_empty(), "{leaked:?} in {}", String::from_utf8_lossy(bytes));
    }
    let report = read(&world, "report.json");
    assert_eq!((&report["relay"]["state"], &report["database"]["state"]), (&json!("runs"), &json!("whole")));
    assert_eq!(report["relay"]["sizes"]["sealpush_registrations"], "10^0");
    let refused = &report["relay"]["counts"]["sealpush_requests_total{route=\"own_sender\",status=\"401\"}"];
    assert_eq!(refused, &json!(1), "{report}");
    let changes = report["relay"]["changes"].as_array().unwrap();
    assert!(changes.iter().any(|one| one["what"] == "apns" && one["now"] == "held"), "{changes:?}");
    let chosen = report["config"]["chosen"].as_array().unwrap();
    assert!(
        chosen.contains(&json!("relay.public_url")) && !chosen.contains(&json!("logs.level")),
        "{chosen:?}"
    );
    assert_eq!(world.simulator.records().len(), records, "nothing was sent");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_without_a_relay_says_what_can_be_known() {
    let (mut world, canaries) = stage().await;
    world.stop_relay().await;

    let output = report(world.folder.path(), "report.json").await;

    assert!(output.status.success() && found(&canaries, &output.stdout).is_empty(), "{output:?}");
    let said = read(&world, "report.json");
    assert_eq!((&said["relay"], &said["database"]["state"]), (&json!({"state": "none"}), &json!("whole")));
    assert_eq!(said["database"]["schema"], said["database"]["newest_schema"]);
    let again = report(world.folder.path(), "report.json").await;
    assert!(!again.status.success(), "a report is never overwritten");
    world.end().await;
}

/// The closed list: whoever adds a member decides about it here.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_has_the_members_of_a_closed_list() {
    let (world, _) = stage().await;
    report(world.folder.path(), "report.json").await;
    let report = read(&world, "report.json");
    let members = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(members(&report), ["config", "database", "machine", "relay", "sealpush", "system"]);
    let config = ["apps", "chosen", "everything_else", "listeners", "warnings"];
    assert_eq!(members(&report["config"]), config);
    assert_eq!(members(&report["database"]), ["bytes", "newest_schema", "schema", "state"]);
    assert_eq!(members(&report["relay"]), ["changes", "counts", "sizes", "state"]);
    world.end().await;
}

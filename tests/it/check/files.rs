//! Config and key files.

use sealpush::storage::sqlite::shown_tables;

use super::Setup;
use super::setup::{APP, CONFIG};

#[tokio::test]
async fn a_setup_that_is_fine_fails_nothing() {
    let setup = Setup::new().await;
    let checked = setup.check(&[]).await;
    assert_eq!(checked.code, 0, "{}{}", checked.out, checked.err);
    checked.says(&[
        "✓ config      sealpush.toml: is understood: 1 app(s), 1 listener(s)",
        "✓ keys        storage.key: storage.key_file:",
        "✓ database    sealpush.db: is whole",
        "✓ database    sealpush.db: can be written",
        "✓ disk",
        "✓ clock       this machine's clock: agrees with localhost:",
        "✓ credential  app chat at APNs (production): is taken: key",
        "✓ credential  app chat at APNs (sandbox): is taken: key",
        "✓ credential  app chat at FCM: is taken:",
        "\n0 failed,",
    ]);
    assert!(checked.marked('✗').is_empty());
    setup.end().await;
}

#[tokio::test]
async fn a_check_reaches_no_device_and_changes_nothing() {
    let setup = Setup::new().await;
    let before = shown_tables(&setup.path("sealpush.db")).await.unwrap();
    setup.check(&[]).await;
    let pushes = setup.world.simulator.records().into_iter().filter(|record| record.path.contains("send"));
    for push in pushes {
        assert!(push.body.contains("\"validate_only\":true"), "{push:?}");
    }
    assert_eq!(shown_tables(&setup.path("sealpush.db")).await.unwrap(), before);
    setup.end().await;
}

#[tokio::test]
async fn as_json_every_finding_is_a_value() {
    let setup = Setup::new().await;
    setup.edit(APP, "team_id = \"", "team_id = \"X");
    let checked = setup.check(&["--json", "--offline"]).await;
    assert_eq!(checked.code, 1);
    let document: serde_json::Value = serde_json::from_str(&checked.out).unwrap();
    assert_eq!(document["ok"], false);
    assert_eq!(
        (&document["findings"][0]["verdict"], &document["findings"][0]["area"]),
        (&"failed".into(), &"config".into())
    );
    setup.end().await;
}

#[tokio::test]
async fn a_misspelt_key_is_shown_with_its_line() {
    let setup = Setup::new().await;
    setup.edit(CONFIG, "name = \"Test relay\"", "nmae = \"Test relay\"");
    setup.check(&[]).await.fails(&[
        "✗ config      sealpush.toml:",
        "nmae = \"Test relay\"",
        "unknown field `nmae`, expected one of `name`",
        "`sealpush config example` prints every key",
    ]);
    setup.end().await;
}

#[tokio::test]
async fn a_missing_key_is_named_with_where_it_was_looked_for() {
    let setup = Setup::new().await;
    std::fs::remove_file(setup.path("apps/apns.p8")).unwrap();
    setup.check(&[]).await.fails(&[
        "✗ config      apps/chat.toml: apns.key_file: apps/apns.p8 cannot be read (No such file or directory",
        "relative paths begin at this file's directory",
    ]);
    setup.end().await;
}

#[tokio::test]
async fn a_key_that_everybody_can_read_is_refused_with_the_command_that_mends_it() {
    let setup = Setup::new().await;
    setup.set_mode("storage.key", 0o644);
    setup.check(&[]).await.fails(&[
        "✗ config      sealpush.toml: storage.key_file: storage.key has mode 0644",
        "Run `chmod 600 storage.key`",
    ]);
    setup.end().await;
}

#[tokio::test]
async fn a_key_that_the_group_can_read_deserves_a_look() {
    let setup = Setup::new().await;
    setup.set_mode("storage.key", 0o640);
    let checked = setup.check(&["--offline"]).await;
    assert_eq!(checked.code, 0, "{}", checked.out);
    checked.says(&[
        "! keys        storage.key: storage.key_file: mode 0640: others than",
        "-> `chmod 600 storage.key`",
    ]);
    setup.end().await;
}

#[tokio::test]
async fn an_app_without_credentials_is_refused() {
    let setup = Setup::new().await;
    std::fs::write(setup.path(APP), "id = \"chat\"\nconfirm = \"off\"\n").unwrap();
    setup.check(&[]).await.fails(&[
        "✗ config      apps/chat.toml: apns, fcm: are both missing; the app needs a credential for at least one",
    ]);
    setup.end().await;
}

#[tokio::test]
async fn a_relay_without_apps_can_send_nothing() {
    let setup = Setup::new().await;
    std::fs::remove_file(setup.path(APP)).unwrap();
    setup.check(&[]).await.fails(&["✗ config      apps: holds no app", "-> `sealpush app add` adds one"]);
    setup.end().await;
}

#[tokio::test]
async fn a_published_key_is_refused() {
    let setup = Setup::new().await;
    let published = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("keys-example/storage.key");
    std::fs::copy(published, setup.path("storage.key")).unwrap();
    setup.set_mode("storage.key", 0o600);
    setup.check(&[]).await.fails(&["storage.key_file: is a published example key, which everybody has"]);
    setup.end().await;
}

#[tokio::test]
async fn a_listener_behind_a_proxy_that_nobody_named_is_a_warning() {
    let setup = Setup::new().await;
    setup.edit(CONFIG, "[relay]\n", "[relay]\npublic_url = \"https://push.example.org\"\n");
    let checked = setup.check(&["--offline"]).await;
    assert_eq!(checked.code, 0, "{}{}", checked.out, checked.err);
    checked.says(&["! config      listener 127.0.0.1:0: names no trusted proxy", "-> set trusted_proxies"]);
    setup.edit(CONFIG, "[listen]\n", "[listen]\ntrusted_proxies = [\"127.0.0.1\"]\n");
    assert!(!setup.check(&["--offline"]).await.out.contains("trusted proxy"));
    setup.end().await;
}

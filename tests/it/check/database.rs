//! The database and the disk under it.

use super::Setup;
use super::isolated::isolated;

#[tokio::test]
async fn a_damaged_database_is_told() {
    let setup = Setup::new().await;
    // Whoever closes the database last writes everything into the one file.
    setup.run(&["migrate"], None).await;
    let path = setup.path("sealpush.db");
    let mut bytes = std::fs::read(&path).unwrap();
    // Past the header: SQLite opens it, and finds the pages out of order.
    for byte in &mut bytes[4096..12_288] {
        *byte = 0xa5;
    }
    std::fs::write(&path, bytes).unwrap();
    setup.check(&["--offline"]).await.fails(&["✗ database    sealpush.db:", "restore the last backup"]);
    setup.end().await;
}

#[tokio::test]
async fn a_key_that_the_database_is_not_kept_under_is_told() {
    let setup = Setup::new().await;
    let key = sealpush_seal::base64url::encode(&[9; 32]);
    std::fs::write(setup.path("storage.key"), key).unwrap();
    setup.check(&["--offline"]).await.fails(&[
        "✗ database    sealpush.db: the database is kept under another storage key",
        "-> storage.key_file must name the key that the database is kept under; look into your copies",
    ]);
    setup.end().await;
}

#[tokio::test]
async fn another_programs_database_is_told() {
    let setup = Setup::new().await;
    setup.run(&["migrate"], None).await;
    std::fs::write(setup.path("sealpush.db"), "not a database, and long enough to be one".repeat(100))
        .unwrap();
    setup
        .check(&["--offline"])
        .await
        .fails(&["✗ database    sealpush.db: the database's schema does not fit"]);
    setup.end().await;
}

#[tokio::test]
async fn a_database_on_a_read_only_disk_is_told_where_mounts_can_be_made() {
    let setup = Setup::new().await;
    let Some(()) = isolated() else { return setup.end().await };
    let script = "mount --bind . . && mount -o remount,ro,bind . && cd . && exec \"$@\"";
    let checked = setup.run(&["check", "--offline"], Some(script)).await;
    checked.fails(&[
        "✗ database    sealpush.db: the database cannot be written now (it",
        "-> free room, and see that file and folder belong to the relay's user",
    ]);
    setup.end().await;
}

#[tokio::test]
async fn a_full_disk_is_told_where_mounts_can_be_made() {
    let setup = Setup::new().await;
    let Some(()) = isolated() else { return setup.end().await };
    // A disk of its own, of 2 MiB, that the database's folder is on.
    let script = "all=$(mktemp -d); cp -a . \"$all\"; \
                  mount -t tmpfs -o size=2m tmpfs . && cp -a \"$all\"/. \"$PWD\"/ && rm -rf \"$all\" && \
                  cd \"$PWD\" && exec \"$@\"";
    let checked = setup.run(&["check", "--offline"], Some(script)).await;
    checked.fails(&[
        "✗ disk        .: the disk is full:",
        "-> free some, or move the database to a larger disk",
    ]);
    setup.end().await;
}

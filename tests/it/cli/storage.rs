//! `sealpush storage`: what a person is told about a backup and a restore.

use super::Terminal;
use crate::config::says;

/// A relay's files with one sender and one invite, and a backup of them.
fn backed_up() -> Terminal {
    let terminal = Terminal::new();
    terminal.ok(&["sender", "add", "chat.example.org", "--dev"]);
    terminal.ok(&["sender", "invite", "--dev"]);
    terminal.ok(&["storage", "backup", "backup.db", "--dev"]);
    terminal
}

#[test]
fn a_restore_beside_the_database_says_that_nothing_comes_back() {
    let terminal = backed_up();
    let restored = terminal.run(&["storage", "restore", "backup.db", "--dev"]);
    assert_eq!(restored.code, 0, "{}", restored.err);
    says(&restored.out, &["is the database", "What was there is kept as"]);
    says(&restored.err, &["taken over from it, as was its audit log"]);
    assert!(!restored.err.contains("counts again"), "{}", restored.err);
}

#[test]
fn where_the_database_is_lost_a_restore_says_what_counts_again_and_what_to_do() {
    let terminal = backed_up();
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(terminal.place.path(&format!("sealpush.db{end}")));
    }
    let restored = terminal.run(&["storage", "restore", "backup.db", "--dev"]);
    assert_eq!(restored.code, 0, "{}", restored.err);
    says(&restored.err, &["credentials that were revoked since count again", "sealpush credential list"]);
    says(
        &restored.err,
        &["content policies", "sealpush sender suspend", "the audit log ends with the backup"],
    );
    says(
        &restored.err,
        &["1 invite(s) and operator token(s) were not brought back", "sealpush sender invite"],
    );
}

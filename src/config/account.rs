//! Accounts of this machine: whose files are, and who the relay runs as.
//!
//! Reads `/etc/passwd`, where `systemd-sysusers` and `adduser` write; accounts of a directory service are shown
//! by their number.

use std::fs;

/// The account that the systemd unit runs the relay as.
const RELAY: &str = "sealpush";
const ACCOUNTS: &str = "/etc/passwd";

/// An account of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name; its number where it has none.
    pub name: String,
    /// Its number.
    pub uid: u32,
    /// The number of its first group.
    pub gid: u32,
}

impl Account {
    /// The account that an installed relay runs as, where there is one.
    #[must_use]
    pub fn of_relay() -> Option<Self> {
        parse(&fs::read_to_string(ACCOUNTS).unwrap_or_default()).find(|account| account.name == RELAY)
    }

    /// What to call the account with this number.
    #[must_use]
    pub fn name_of(uid: u32) -> String {
        let text = fs::read_to_string(ACCOUNTS).unwrap_or_default();
        let named = parse(&text).find(|account| account.uid == uid);
        named.map_or_else(|| uid.to_string(), |account| account.name)
    }
}

/// passwd(5): name, password, user, group, comment, home, shell.
fn parse(text: &str) -> impl Iterator<Item = Account> + '_ {
    text.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?.to_owned();
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Account { name, uid, gid })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_read_and_other_lines_are_not() {
        let text =
            "root:x:0:0:root:/root:/bin/sh\n\n# note\nsealpush:!:997:996::/:/usr/sbin/nologin\n+::::::\n";
        let accounts: Vec<_> = parse(text).collect();
        assert_eq!(accounts.len(), 2);
        assert_eq!(accounts[1], Account { name: "sealpush".to_owned(), uid: 997, gid: 996 });
    }
}

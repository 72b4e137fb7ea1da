//! The files with private keys: who can read them, and whether the relay can.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::{Area, Finding};
use crate::config::{Account, Acme, Config, TlsCertificate};

pub(super) fn findings(config: &Config) -> Vec<Finding> {
    let relay = relay_account(config);
    let mut findings = Vec::new();
    for file in &config.key_files {
        let shown = file.path.display().to_string();
        let Ok(metadata) = fs::metadata(&file.path) else { continue };
        let owner = Account::name_of(metadata.uid());
        let (mode, key) = (metadata.mode() & 0o777, &file.key);
        if let Some((uid, gid)) = relay
            && let Some(closed) = closed_to(&file.path, uid, gid)
        {
            let name = Account::name_of(uid);
            let text = format!("{key}: the relay runs as {name}, which cannot read {closed}");
            findings.push(
                Finding::failed(Area::Keys, &shown, text)
                    .mend(format!("`chown {name} {closed}`, and mode 0600 for a file, 0700 for a folder")),
            );
        } else if mode & 0o077 != 0 {
            let text = format!("{key}: mode {mode:04o}: others than {owner} can read it");
            let found = if mode & 0o027 == 0 { Finding::warning } else { Finding::failed };
            findings.push(found(Area::Keys, &shown, text).mend(format!("`chmod 600 {shown}`")));
        } else {
            findings.push(Finding::fine(Area::Keys, &shown, format!("{key}: {owner} alone can read it")));
        }
    }
    for tls in config.listen.iter().filter_map(|listen| listen.tls.as_ref()) {
        if let TlsCertificate::Acme(acme) = &tls.certificate {
            findings.push(cache(acme, relay));
        }
    }
    findings
}

/// The folder of an ordered certificate and its keys, which the relay makes where it is missing.
fn cache(acme: &Acme, relay: Option<(u32, u32)>) -> Finding {
    let shown = acme.cache_dir.display().to_string();
    let failed =
        |text: String| Finding::failed(Area::Keys, &shown, format!("listen.tls.acme.cache_dir: {text}"));
    let own = || (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    let (uid, gid) = relay.unwrap_or_else(own);
    let name = Account::name_of(uid);
    let there = acme.cache_dir.ancestors().find_map(|step| Some((step, fs::metadata(step).ok()?)));
    match there {
        Some((step, found)) if step == acme.cache_dir && found.mode() & 0o077 != 0 => {
            failed("others can read it, and private keys are kept there".to_owned())
                .mend(format!("`chmod 700 {shown}`"))
        }
        Some((step, found)) if !allows(&found, uid, gid, 0o3) => {
            failed(format!("the relay runs as {name}, which cannot write to {}", step.display()))
                .mend("name a folder beside the database, such as /var/lib/sealpush/acme")
        }
        _ => Finding::fine(Area::Keys, &shown, format!("listen.tls.acme.cache_dir: {name} can write there")),
    }
}

/// As whom the relay runs: told by its database, or by the folder that it will be in. `None` where that is the
/// caller, who could read the keys.
fn relay_account(config: &Config) -> Option<(u32, u32)> {
    let database = &config.storage.path;
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let theirs = fs::metadata(database).or_else(|_| fs::metadata(folder)).ok()?;
    (theirs.uid() != rustix::process::geteuid().as_raw()).then(|| (theirs.uid(), theirs.gid()))
}

/// What on the way to `path` an account cannot open: a folder, or the file itself.
fn closed_to(path: &Path, uid: u32, gid: u32) -> Option<String> {
    let path = fs::canonicalize(path).ok()?;
    let mut way: Vec<_> = path.ancestors().collect();
    way.reverse();
    way.into_iter().find_map(|step| {
        let metadata = fs::metadata(step).ok()?;
        let needed = if metadata.is_dir() { 0o1 } else { 0o4 };
        (!allows(&metadata, uid, gid, needed)).then(|| step.display().to_string())
    })
}

/// Whether an account may do what `bits` of one digit of a mode say.
fn allows(metadata: &Metadata, uid: u32, gid: u32, bits: u32) -> bool {
    let shift = if metadata.uid() == uid {
        6
    } else if metadata.gid() == gid {
        3
    } else {
        0
    };
    uid == 0 || metadata.mode() >> shift & bits == bits
}

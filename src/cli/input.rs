//! What a command reads: a file, or standard input where the name is `-`.

use std::fs::File;
use std::io::{Read, stdin};
use std::path::Path;

use anyhow::Context;
use zeroize::Zeroizing;

/// More than this is not what any command here reads.
const MOST: u64 = 1024 * 1024;

/// The bytes of `file`; of standard input for `-`.
pub(crate) fn read(file: &Path) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    if file == Path::new("-") {
        return take(stdin().lock()).context("standard input cannot be read");
    }
    let shown = file.display();
    let opened = File::open(file).with_context(|| format!("{shown} cannot be opened"))?;
    take(opened).with_context(|| format!("{shown} cannot be read"))
}

fn take(source: impl Read) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    source.take(MOST + 1).read_to_end(&mut bytes)?;
    anyhow::ensure!(bytes.len() as u64 <= MOST, "it is longer than 1 MiB");
    Ok(bytes)
}

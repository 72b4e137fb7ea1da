//! Runs the command line; its exit code is the process's.

use std::process::ExitCode;

/// A quarter of the relay's CPU time went into the system's allocator (docs/adr/0010).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    sealpush::cli::run()
}

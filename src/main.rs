//! Runs the command line; its exit code is the process's.

use std::process::ExitCode;

/// A quarter of the relay's CPU time went into the system's allocator (docs/adr/0010, 0033).
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    sealpush::cli::run()
}

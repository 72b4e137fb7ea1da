//! Runs the command line; its exit code is the process's.

use std::process::ExitCode;

fn main() -> ExitCode {
    sealpush::cli::run()
}

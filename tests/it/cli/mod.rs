//! The command line, run as a process: what is printed, the exit code, what is left behind.

mod apps;
mod audit;
mod init;
mod joining;
mod outbox;
mod overview;
mod privacy;
mod relay_keys;
mod senders;
mod serve;
mod sharing;
mod storage;
mod terminal;
mod usage;

use terminal::{Answer, Terminal};

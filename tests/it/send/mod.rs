//! A sender at the terminal: `send`, `seal`, `open`, `keys`, run as processes.

mod by_hand;
mod dishonest_relay;
mod fake_relay;
mod key_files;
mod outcomes;
mod program;

pub(crate) use program::{Answer, Program};

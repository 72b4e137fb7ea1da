//! The config: what is taken, what is refused, and in which words.

mod apps;
mod egress;
mod example;
mod key_files;
mod listeners;
mod place;
mod sections;

pub(crate) use place::{Place, says};

//! A real relay on port 0 with real SQLite, beside simulators over real TLS and HTTP/2.
//!
//! One builder makes it: [`World::builder`]. A test that leaves work in the outbox without saying so fails.

mod device;
mod http;
mod program;
pub(crate) mod sealed;
pub(crate) mod seen;
mod world;

pub(crate) use device::{Device, now_ms};
pub(crate) use http::{Answer, Client};
pub(crate) use program::Program;
pub(crate) use world::{PROJECT, Sender, TOPIC, World, WorldBuilder, apns, fcm};

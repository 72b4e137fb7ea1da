//! The integration tests: one binary, so that they link once.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in the functions that arrange it")]

mod architecture;
mod check;
mod cli;
mod config;
mod demo;
mod deploy;
mod docs;
mod flow;
mod http;
mod intake;
mod lifecycle;
mod operator;
mod privacy;
mod push_services;
mod send;
mod server;
mod simulation;
mod storage;
mod support;
mod torture;

//! Sealpush: the push relay that cannot read your notifications.
//!
//! A notification travels one way: front door → intake → outbox → delivery → push service. No module
//! reaches back. Modules import only from ranks before their own, and a test holds that:
//! base → model → config → privacy, telemetry → storage | `push_services` → intake | delivery | operator →
//! web → api → server → cli → main.

pub mod api;
pub mod base;
pub mod cli;
pub mod config;
pub mod delivery;
pub mod intake;
pub mod model;
pub mod operator;
pub mod privacy;
pub mod push_services;
pub mod server;
pub mod storage;
pub mod telemetry;
pub mod web;

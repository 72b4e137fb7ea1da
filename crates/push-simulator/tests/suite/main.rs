//! The simulator against a client that knows the vendors' documents and nothing of the simulator's insides.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "a client's connection ends with the runtime of its test")]

mod apns_headers;
mod apns_provider_tokens;
mod apns_tokens;
mod connections;
mod control;
mod faults;
mod fcm_messages;
mod fcm_oauth;
mod fcm_refusals;
mod limits;
mod provocations;
mod records;
mod support;

//! The simulator against a client that knows the vendors' documents and nothing of the simulator's insides.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod apns_headers;
mod apns_provider_tokens;
mod apns_tokens;
mod support;

//! What the tests share: a simulator with its team, clients, and signatures.

pub(crate) mod apns_push;
pub(crate) mod client;
pub(crate) mod fcm_stage;
pub(crate) mod signing;
pub(crate) mod stage;
pub(crate) mod tap;

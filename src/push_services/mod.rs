//! The push services: an [`OutboundPush`] goes in, an [`AttemptOutcome`] comes out.
//!
//! Owns the credentials of every app, the connections, and the words of APNs and FCM. Must not touch
//! storage, decide about repeating (that is `delivery::verdict`), or return an HTTP status.

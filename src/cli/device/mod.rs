//! A phone with an app: what it registers, what it opens, what it refuses, what it shows.
//!
//! Owns the app's side of the protocol. A phone hands its subscription id and public key to its own server, which
//! here is the sender's key file, and never by way of the relay. Must not print. Read next: `phone.rs`.

mod phone;
mod received;
mod shown;
mod trust_model;

pub(crate) use phone::{Phone, PhoneSetup, PushAddress};
pub(crate) use received::Received;
pub(crate) use shown::{Refusal, Shown};
pub(crate) use trust_model::TrustModel;

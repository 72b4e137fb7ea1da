//! A notification's whole way, from a sender's request to a phone.

mod forms;

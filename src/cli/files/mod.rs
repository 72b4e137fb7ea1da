//! The files that hold keys: a sender's and a device's.
//!
//! Owns their JSON and that nobody else can read them (mode 0600). This is where keys come from: from a file of
//! one's own, never from a relay. Must not seal, open or connect. Read next: `sender_file.rs`.

mod device_file;
mod error;
mod private_file;
mod sender_file;

pub(crate) use device_file::DeviceFile;
pub(crate) use error::FileError;
pub(crate) use sender_file::{SenderDevice, SenderFile};

//! `sealpush check` against set-ups that are broken on purpose: each names what is wrong, where, and the mend.

mod credentials;
mod database;
mod files;
pub(crate) mod isolated;
mod network;
mod reach;
mod recorder;
mod relay;
mod setup;

use setup::Setup;

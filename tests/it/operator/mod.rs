//! The administrative actions, through the routes of the operator's socket, on a store in memory.

mod audit;
mod office;
mod senders;
mod sweep;

use office::Office;

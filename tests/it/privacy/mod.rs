//! What must not be seen is nowhere to be seen: by the types, and in every byte that a whole relay writes.

mod canary;
mod canary_ways_in;
mod inventory;
mod places;
mod scan;
mod shown_once;
mod types;
mod unlinkability;

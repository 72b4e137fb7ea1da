//! What must not be seen is nowhere to be seen: by the types, and in every byte that a whole relay writes.

mod audit_words;
mod canary;
mod canary_ways_in;
mod erased;
mod inventory;
mod places;
mod report;
mod scan;
mod shown_once;
mod types;
mod unlinkability;

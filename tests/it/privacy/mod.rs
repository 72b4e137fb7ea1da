//! What must not be seen is nowhere to be seen: by the types, and in every byte that a whole relay writes.

mod canary;
mod scan;
mod types;

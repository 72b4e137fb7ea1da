//! The relay's process: how it starts, how it stops, and what survives when it is killed.

mod starts;
mod stops;

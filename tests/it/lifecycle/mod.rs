//! The relay's process: how it starts, how it stops, and what survives when it is killed.

mod clock_jumps;
mod full_disk;
mod starts;
mod stops;

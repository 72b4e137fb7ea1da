//! SQLite, embedded: the engine of a relay on one machine.

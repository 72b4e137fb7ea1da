//! The rules of the house, read from the source: ranks, heads, lengths, names, log fields, claims.

mod claims;
mod files;
mod log_fields;
mod ranks;
mod source;

use source::Source;

//! The rules of the house, read from the source: ranks, heads, lengths, names, log fields, claims.

mod audit_actions;
mod claims;
mod files;
mod log_fields;
mod ranks;
mod source;

use source::Source;

/// The text of all sources of the program.
pub(crate) fn sources() -> String {
    Source::under("src").into_iter().map(|source| source.text).collect()
}

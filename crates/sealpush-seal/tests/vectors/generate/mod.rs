//! Makes the files of `vectors/`, with an implementation of both formats that shares no code with the crate.
//!
//! Owns what the vectors say; must not call the crate to seal or to sign, or the vectors would agree with whatever the
//! crate does. Read next: `recipe.rs`, one envelope, and `envelopes.rs`, all of them.

pub mod base64url_texts;
pub mod by_hand;
pub mod envelopes;
pub mod format;
pub mod keys;
pub mod public_keys;
pub mod published_keys;
pub mod recipe;
pub mod registration_recipe;
pub mod registrations;

/// Name and text of every file.
pub fn files() -> [(&'static str, String); 5] {
    [
        ("envelopes.json", format::text(&envelopes::all())),
        ("registrations.json", format::text(&registrations::all())),
        ("published_keys.json", format::text(&published_keys::all())),
        ("public_keys.json", format::text(&public_keys::all())),
        ("base64url.json", format::text(&base64url_texts::all())),
    ]
}

//! Sealpush.

//! The pages for people: what they say of the code is there, and their links lead somewhere.

mod commands;
mod links;
mod page;
mod problem_codes;

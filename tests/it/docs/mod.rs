//! The pages for people: what they say of the code is there, and their links lead somewhere.

mod apps;
mod breaking;
mod commands;
mod links;
mod openapi;
mod operating;
mod page;
mod problem_codes;
mod push_services;

//! `[logs]`: what the relay writes to its log (standard error).

use serde::Deserialize;

/// How the log looks, and how much is in it. No setting brings secrets into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Logs {
    /// For people or for machines.
    pub format: LogFormat,
    /// How much.
    pub level: LogLevel,
    /// Whether there is a line for each request.
    pub access: bool,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One line for people; in colour on a terminal.
    #[default]
    Human,
    /// One JSON object per line.
    Json,
}

/// The least important event that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// What the operator must mend.
    Error,
    /// And what the operator should know.
    Warn,
    /// And what the relay does as a whole.
    #[default]
    Info,
    /// And what it does for each request.
    Debug,
    /// And every step of it.
    Trace,
}

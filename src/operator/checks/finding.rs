//! One thing that was looked at.

use serde::Serialize;

use crate::push_services::Hop;

/// One thing that was looked at, and what is the matter with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How it is.
    pub verdict: Verdict,
    /// What kind of thing it is.
    pub area: Area,
    /// Where on the way to another host it fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hop: Option<&'static str>,
    /// Which one it is: a file, a host, an app.
    pub subject: String,
    /// What was found, as a sentence about the subject.
    pub text: String,
    /// How it is mended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<String>,
}

/// How a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Fine,
    /// It works, and deserves a look.
    Warning,
    /// It does not work.
    Failed,
    /// It was not looked at; the text says why.
    Skipped,
}

/// What kind of thing is looked at, in the order of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// The config file and the app files.
    Config,
    /// The files with private keys.
    Keys,
    /// The database.
    Database,
    /// The disk under it.
    Disk,
    /// The relay that runs, or where it would listen.
    Relay,
    /// The relay's own certificate.
    Certificate,
    /// The way to a host.
    Network,
    /// This machine's clock.
    Clock,
    /// An app's credential at a push service.
    Credential,
}

impl Area {
    /// The name in the output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Keys => "keys",
            Self::Database => "database",
            Self::Disk => "disk",
            Self::Relay => "relay",
            Self::Certificate => "certificate",
            Self::Network => "network",
            Self::Clock => "clock",
            Self::Credential => "credential",
        }
    }
}

impl Finding {
    /// It is as it should be.
    pub(super) fn fine(area: Area, subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self::of(Verdict::Fine, area, subject, text)
    }

    /// It works, and deserves a look.
    pub(super) fn warning(area: Area, subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self::of(Verdict::Warning, area, subject, text)
    }

    /// It does not work.
    pub(super) fn failed(area: Area, subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self::of(Verdict::Failed, area, subject, text)
    }

    /// It was not looked at.
    pub(super) fn skipped(area: Area, subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self::of(Verdict::Skipped, area, subject, text)
    }

    fn of(verdict: Verdict, area: Area, subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self { verdict, area, hop: None, subject: subject.into(), text: text.into(), mend: None }
    }

    /// With the way to mend it.
    pub(super) fn mend(self, mend: impl Into<String>) -> Self {
        Self { mend: Some(mend.into()), ..self }
    }

    /// With the hop at which it fails.
    pub(super) fn at(self, hop: Hop) -> Self {
        Self { hop: Some(hop.as_str()), ..self }
    }
}

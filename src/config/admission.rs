//! `[admission]`: who may become a sender.

use serde::Deserialize;

use crate::model::AdmissionMode;

/// Who may become a sender, besides those that the operator adds by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Admission {
    /// With an invite, or whoever asks.
    pub mode: AdmissionMode,
}

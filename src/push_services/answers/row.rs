//! One row of a table of answers, and how the row of an answer is found.

use std::time::Duration;

use super::{Meaning, Remedy};

/// The reason of a row that takes any answer with its status.
pub(in crate::push_services) const ANY: &str = "";
/// The reason of a row that takes any answer that names a reason.
pub(in crate::push_services) const ANY_CODE: &str = "*";

/// One row: an answer, and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnswerRow {
    first: u16,
    last: u16,
    /// The status as documented, where the reason alone decides.
    documented: Option<u16>,
    reason: &'static str,
    /// What it means.
    pub meaning: Meaning,
    /// What is tried first.
    pub remedy: Remedy,
    wait: u64,
}

/// The row of one status and reason.
pub(in crate::push_services) const fn row(status: u16, reason: &'static str, meaning: Meaning) -> AnswerRow {
    rows(status, status, reason, meaning)
}

/// The row of all statuses from `first` to `last`.
pub(in crate::push_services) const fn rows(
    first: u16,
    last: u16,
    reason: &'static str,
    meaning: Meaning,
) -> AnswerRow {
    AnswerRow { first, last, documented: None, reason, meaning, remedy: Remedy::None, wait: 0 }
}

impl AnswerRow {
    /// With something that is tried first.
    pub(in crate::push_services) const fn after(self, remedy: Remedy) -> Self {
        Self { remedy, ..self }
    }

    /// With the wait in seconds where the answer names none.
    pub(in crate::push_services) const fn waits(self, seconds: u64) -> Self {
        Self { wait: seconds, ..self }
    }

    /// Whatever the status of the refusal is: the reason decides.
    pub(in crate::push_services) const fn at_any_status(self) -> Self {
        Self { documented: Some(self.first), first: 400, last: 599, ..self }
    }

    /// How long to wait where the answer does not say.
    pub(in crate::push_services) fn wait(&self) -> Option<Duration> {
        (self.wait > 0).then(|| Duration::from_secs(self.wait))
    }

    /// The status as `docs/PUSH_SERVICES.md` shows it.
    #[must_use]
    pub fn status(&self) -> String {
        match (self.documented, self.first, self.last) {
            (Some(status), _, _) => status.to_string(),
            (None, first, last) if first == last => first.to_string(),
            (None, first, last) => format!("{first} to {last}"),
        }
    }

    /// The reason as `docs/PUSH_SERVICES.md` shows it.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self.reason {
            ANY => "any other, or none",
            ANY_CODE => "any other",
            named => named,
        }
    }

    fn takes(&self, status: u16, reason: &str) -> bool {
        let named = match self.reason {
            ANY => true,
            ANY_CODE => !reason.is_empty(),
            named => named == reason,
        };
        named && (self.first..=self.last).contains(&status)
    }
}

/// The first row of `table` that takes the answer.
pub(in crate::push_services) fn find(
    table: &'static [AnswerRow],
    status: u16,
    reason: &str,
) -> &'static AnswerRow {
    table.iter().find(|row| row.takes(status, reason)).expect("the last row takes any answer")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: [AnswerRow; 4] = [
        row(404, "Dead", Meaning::TokenDead),
        row(403, "Mine", Meaning::TokenNotForApp).at_any_status(),
        row(404, ANY_CODE, Meaning::Rejected),
        rows(0, 999, ANY, Meaning::CredentialHeld),
    ];

    #[test]
    fn the_first_row_that_fits_counts() {
        let meaning = |status, reason| find(&TABLE, status, reason).meaning;
        assert_eq!(meaning(404, "Dead"), Meaning::TokenDead);
        assert_eq!(meaning(500, "Dead"), Meaning::CredentialHeld);
        assert_eq!(meaning(500, "Mine"), Meaning::TokenNotForApp);
        assert_eq!(meaning(404, "New"), Meaning::Rejected);
        assert_eq!(meaning(404, ""), Meaning::CredentialHeld);
    }

    #[test]
    fn a_row_shows_the_status_that_its_vendor_documents() {
        assert_eq!(TABLE.map(|row| row.status()), ["404", "403", "404", "0 to 999"]);
    }
}

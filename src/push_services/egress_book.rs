//! Whether the operator's proxy lets the relay through, host by host.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::model::Reason;

/// A host that the proxy does not open a tunnel to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EgressProblem {
    /// The host, which the config names.
    pub host: String,
    /// Why.
    pub reason: Reason,
}

/// What the last tunnel to each host came to.
#[derive(Debug, Default)]
pub(super) struct EgressBook(Mutex<BTreeMap<String, Reason>>);

impl EgressBook {
    /// Takes note of an attempt; says so in the log where it is other than the one before.
    pub(super) fn note(&self, host: &str, refused: Option<Reason>) {
        let mut problems = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if problems.get(host) == refused.as_ref() {
            return;
        }
        if let Some(reason) = refused {
            tracing::error!(%host, %reason, "the proxy of [egress] opens no way; deliveries wait");
            problems.insert(host.to_owned(), reason);
        } else {
            tracing::info!(%host, "the proxy of [egress] opens the way again");
            problems.remove(host);
        }
    }

    /// The hosts that are not reached.
    pub(super) fn problems(&self) -> Vec<EgressProblem> {
        let problems = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        problems
            .iter()
            .map(|(host, reason)| EgressProblem { host: host.clone(), reason: reason.clone() })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_lasts_until_the_next_tunnel_to_that_host() {
        let book = EgressBook::default();
        let reason = Reason::ours("proxy_refused");
        book.note("a", Some(reason.clone()));
        book.note("b", None);
        assert_eq!(book.problems(), [EgressProblem { host: "a".to_owned(), reason }]);

        book.note("a", None);

        assert_eq!(book.problems(), []);
    }
}

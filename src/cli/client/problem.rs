//! Problem documents (RFC 9457), as a client reads them. What they say is a stranger's text.

use serde::Deserialize;

use super::{Answer, ClientError, Hop};
use crate::cli::printable::printable;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    code: String,
    detail: String,
    pointer: String,
    title: String,
}

/// The error of an answer that says no, also where it is no problem document.
pub(super) fn refused(hop: &Hop, answer: &Answer) -> ClientError {
    let problem: Problem = serde_json::from_slice(&answer.body).unwrap_or_default();
    let detail = [problem.detail, problem.title].into_iter().find(|text| !text.is_empty());
    ClientError::Refused {
        hop: hop.clone(),
        status: answer.status,
        code: printable(&problem.code),
        detail: detail.map_or_else(
            || "it did not say why; is this the address of a Sealpush relay?".to_owned(),
            |text| printable(&text),
        ),
        pointer: printable(&problem.pointer),
        retry_after: answer.retry_after,
    }
}

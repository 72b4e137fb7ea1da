//! What came to the push services, as far as it is compared with the senders' books.

use std::collections::HashMap;

use push_simulator::{Host, Record};
use sealpush_seal::Envelope;
use serde_json::Value;

/// One push that a push service was offered.
#[derive(Debug, Clone, Default)]
pub(super) struct Arrival {
    /// The delivery id.
    pub(super) delivery: String,
    pub(super) at_ms: u64,
    /// What it was answered; `None`: nothing.
    pub(super) status: Option<u16>,
    /// The connection was broken before the answer could go out.
    pub(super) answer_lost: bool,
    /// The number of its connection.
    pub(super) connection: u64,
    /// What it says itself about its end: unix seconds, at APNs, where its time to live is not 0.
    pub(super) expiration: Option<u64>,
}

impl Arrival {
    /// Whether the push service took it.
    pub(super) fn is_taken(&self) -> bool {
        self.status == Some(200)
    }
}

/// All arrivals by the mark of their target, in their order.
#[derive(Debug, Default)]
pub(super) struct Arrivals(HashMap<String, Vec<Arrival>>);

impl Arrivals {
    /// Takes in what was recorded; requests that are no pushes are left out.
    pub(super) fn add(&mut self, records: &[Record]) {
        for record in records.iter().filter(|record| record.host != Host::Token) {
            if let Some((mark, arrival)) = read(record) {
                self.0.entry(mark).or_default().push(arrival);
            }
        }
    }

    #[cfg(test)]
    pub(super) fn of(arrivals: impl IntoIterator<Item = (&'static str, Vec<Arrival>)>) -> Self {
        Self(arrivals.into_iter().map(|(mark, arrivals)| (mark.to_owned(), arrivals)).collect())
    }

    pub(super) fn to(&self, mark: &str) -> &[Arrival] {
        self.0.get(mark).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn count(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }
}

fn read(record: &Record) -> Option<(String, Arrival)> {
    let body: Value = serde_json::from_str(&record.body).ok()?;
    let content = if body["message"].is_object() { &body["message"]["data"] } else { &body };
    let (mark, delivery) = if let Some(seal) = content["seal"].as_str() {
        let id = Envelope::from_base64url(seal).ok()?.delivery_id().to_string();
        (id.clone(), id)
    } else {
        (content["reference"].as_str()?.to_owned(), content["delivery"].as_str()?.to_owned())
    };
    let expiration = record.header("apns-expiration").and_then(|text| text.parse().ok());
    let arrival = Arrival {
        delivery,
        at_ms: record.at_ms,
        status: record.status(),
        answer_lost: record.answer_lost,
        connection: record.connection,
        expiration: expiration.filter(|seconds| *seconds > 0),
    };
    Some((mark, arrival))
}

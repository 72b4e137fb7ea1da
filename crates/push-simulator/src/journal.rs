//! The requests that were recorded.
//!
//! Owns the bounded list and the switch that turns it off. Read next: `record`.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};

use crate::broken_connection::BrokenConnection;
use crate::host::Host;
use crate::record::{Record, RecordedAnswer};

/// All records of one simulator, oldest first.
#[derive(Debug)]
pub(crate) struct Journal {
    records: Mutex<VecDeque<Record>>,
    broken: Mutex<VecDeque<BrokenConnection>>,
    limit: usize,
}

/// What a record says beside the request itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Circumstances<'a> {
    pub(crate) at_ms: u64,
    pub(crate) host: Host,
    pub(crate) connection: u64,
    pub(crate) answer: Option<&'a Response<Bytes>>,
    pub(crate) answer_lost: bool,
}

impl Journal {
    /// An empty journal; with a limit of 0 it stays empty.
    pub(crate) fn new(limit: usize) -> Self {
        Self { records: Mutex::default(), broken: Mutex::default(), limit }
    }

    /// Keeps a request.
    pub(crate) fn write(&self, request: &Request<Bytes>, about: Circumstances<'_>) {
        if self.limit == 0 {
            return;
        }
        let record = Record {
            at_ms: about.at_ms,
            host: about.host,
            connection: about.connection,
            version: format!("{:?}", request.version()),
            method: request.method().to_string(),
            path: request.uri().path_and_query().map_or_else(String::new, ToString::to_string),
            headers: headers(request.headers()),
            body: String::from_utf8_lossy(request.body()).into_owned(),
            answer: about.answer.map(|answer| RecordedAnswer {
                status: answer.status().as_u16(),
                headers: headers(answer.headers()),
                body: String::from_utf8_lossy(answer.body()).into_owned(),
            }),
            answer_lost: about.answer_lost,
        };
        keep(&self.records, record, self.limit);
    }

    /// Keeps that a connection was broken.
    pub(crate) fn broke(&self, broken: BrokenConnection) {
        if self.limit > 0 {
            keep(&self.broken, broken, self.limit);
        }
    }

    /// The connections that were broken, in their order.
    pub(crate) fn broken(&self) -> Vec<BrokenConnection> {
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect()
    }

    /// A copy of all records.
    pub(crate) fn records(&self) -> Vec<Record> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// All records, which are forgotten: none is in two such takings, and none in neither.
    pub(crate) fn take(&self) -> Vec<Record> {
        std::mem::take(&mut *self.records.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }

    /// Forgets all records.
    pub(crate) fn clear(&self) {
        self.records.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Adds to a list that holds no more than `limit`; the oldest go first.
fn keep<T>(list: &Mutex<VecDeque<T>>, one: T, limit: usize) {
    let mut list = list.lock().unwrap_or_else(PoisonError::into_inner);
    if list.len() == limit {
        list.pop_front();
    }
    list.push_back(one);
}

fn headers(map: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    map.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}

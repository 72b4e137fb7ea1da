//! The requests that were recorded.
//!
//! Owns the bounded list and the switch that turns it off. Read next: `record`.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};

use crate::host::Host;
use crate::record::{Record, RecordedAnswer};

/// All records of one simulator, oldest first.
#[derive(Debug)]
pub(crate) struct Journal {
    records: Mutex<VecDeque<Record>>,
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
        Self { records: Mutex::default(), limit }
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
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        if records.len() == self.limit {
            records.pop_front();
        }
        records.push_back(record);
    }

    /// A copy of all records.
    pub(crate) fn records(&self) -> Vec<Record> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Forgets all records.
    pub(crate) fn clear(&self) {
        self.records.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn headers(map: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    map.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}

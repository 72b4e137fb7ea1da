//! What the inventory says of one thing, whatever kind of thing it is.

use super::{Field, Stored};

/// One line of the inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// What kind of thing it is.
    pub kind: EntryKind,
    /// Where it stands: a table, a file, the log, the metrics, who is sent it, the memory.
    pub place: &'static str,
    /// Its name there: a column, a field, a label, a header, a member.
    pub name: &'static str,
    /// What it is, for people.
    pub what: &'static str,
    /// Why the relay cannot do without it.
    pub purpose: &'static str,
    /// What stands in a file for it; `None` where nothing is written.
    pub stored: Option<Stored>,
    /// What allows it.
    pub ground: Ground,
    /// When it is erased.
    pub kept: &'static str,
    /// What must be the case for it to be there at all.
    pub switched_on_by: &'static str,
    /// To whom the relay shows it.
    pub shown_to: &'static [Reader],
    /// The file of the source that holds it.
    pub file: &'static str,
}

/// What kind of thing an entry is, in the order in which people are shown them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EntryKind {
    /// A column of a table.
    Column,
    /// What stands in a file beside the database.
    File,
    /// What waits or counts in memory and is never written.
    InMemory,
    /// A header or member that goes to another host.
    Sent,
    /// A header of an answer.
    Answered,
    /// A field of a log line.
    LogField,
    /// A label of a metric.
    MetricLabel,
}

impl EntryKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Column,
        Self::File,
        Self::InMemory,
        Self::Sent,
        Self::Answered,
        Self::LogField,
        Self::MetricLabel,
    ];

    /// The name in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Column => "column",
            Self::File => "file",
            Self::InMemory => "in_memory",
            Self::Sent => "sent",
            Self::Answered => "answered",
            Self::LogField => "log_field",
            Self::MetricLabel => "metric_label",
        }
    }

    /// The heading over all of this kind.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Column => "What stands in the database",
            Self::File => "What stands in files beside it",
            Self::InMemory => "What is in memory and never written",
            Self::Sent => "What goes to other hosts",
            Self::Answered => "What stands in the head of an answer",
            Self::LogField => "What a line of the log may say",
            Self::MetricLabel => "What the metrics are told apart by",
        }
    }

    /// What this kind is, in a sentence.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Column => {
                "Every column of every table. A test reads the schema, and fails where a column is missing here."
            }
            Self::File => "Every other file that the running relay writes.",
            Self::InMemory => {
                "It ends with the process at the latest; nothing of it is read back after a restart."
            }
            Self::Sent => {
                "Every header and member of every request that the relay makes. It makes no other ones: no \
                           telemetry, no error reports, no look for updates."
            }
            Self::Answered => "Every header that the relay answers with, besides what the answer is about.",
            Self::LogField => {
                "A line with any other field is not written, at any level, and no line of a library is. \
                               None of them holds a token, an address, content, or the id of a sender or a device."
            }
            Self::MetricLabel => {
                "Metrics are totals over all senders. None is told apart by sender, device, user or \
                                  address."
            }
        }
    }
}

/// What allows a value to be there, in plain words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ground {
    /// The sender's administrator switched it on, and can switch it off.
    Consent,
    /// It is needed for what the sender or the app asked for.
    Service,
    /// It is needed to keep the relay safe and running.
    Safety,
}

impl Ground {
    /// The name in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Service => "service",
            Self::Safety => "safety",
        }
    }

    /// In plain words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Consent => "consent of the sender's administrator",
            Self::Service => "needed for what the sender or the app asked for",
            Self::Safety => "needed to keep the relay safe and running",
        }
    }
}

/// Who gets to see a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reader {
    /// Who runs the relay.
    Operator,
    /// The sender that it belongs to.
    ItsSender,
    /// The app on the device that it belongs to.
    ItsApp,
    /// The push service that reaches the device.
    PushService,
    /// Where access tokens for a push service are had.
    TokenEndpoint,
    /// The operator's own proxy on the way out.
    EgressProxy,
    /// The authority of which the relay orders its certificate.
    CertificateAuthority,
    /// Whoever asks.
    Anyone,
    /// Whoever copies the files of the relay.
    WhoCopiesTheFiles,
    /// Whoever copies them and has the storage key too.
    WhoHasTheStorageKeyToo,
}

impl Reader {
    /// The name in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::ItsSender => "its_sender",
            Self::ItsApp => "its_app",
            Self::PushService => "push_service",
            Self::TokenEndpoint => "token_endpoint",
            Self::EgressProxy => "egress_proxy",
            Self::CertificateAuthority => "certificate_authority",
            Self::Anyone => "anyone",
            Self::WhoCopiesTheFiles => "who_copies_the_files",
            Self::WhoHasTheStorageKeyToo => "who_has_the_storage_key_too",
        }
    }

    /// In plain words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::ItsSender => "its sender",
            Self::ItsApp => "its app",
            Self::PushService => "push service",
            Self::TokenEndpoint => "token endpoint",
            Self::EgressProxy => "the operator's proxy",
            Self::CertificateAuthority => "certificate authority",
            Self::Anyone => "anyone",
            Self::WhoCopiesTheFiles => "who copies the file",
            Self::WhoHasTheStorageKeyToo => "who copies the file and has the storage key",
        }
    }
}

impl Entry {
    /// What stands in a file for it, in words; empty where nothing is written.
    #[must_use]
    pub fn stored_words(&self) -> &'static str {
        self.stored.map_or("", Stored::words)
    }

    /// Who can read it: to whom the relay shows it, and who reads it in a copy of the files.
    #[must_use]
    pub fn read_by(&self) -> Vec<Reader> {
        let by_copy = match self.stored {
            Some(Stored::AsItIs) => Some(Reader::WhoCopiesTheFiles),
            Some(Stored::Encrypted) => Some(Reader::WhoHasTheStorageKeyToo),
            Some(Stored::Hash | Stored::KeyedHash | Stored::Envelope) | None => None,
        };
        self.shown_to.iter().copied().chain(by_copy).collect()
    }
}

impl From<&Field> for Entry {
    fn from(field: &Field) -> Self {
        Self {
            kind: EntryKind::Column,
            place: field.table,
            name: field.column,
            what: field.what,
            purpose: field.purpose,
            stored: Some(field.stored),
            ground: field.ground,
            kept: field.kept,
            switched_on_by: field.switched_on_by,
            shown_to: field.shown_to,
            file: field.file,
        }
    }
}

//! Which columns of which tables are shown to the sender or the app that they are about.
//!
//! A new table or column that is linked to one of them has its place here, or in `privacy::rights` with why it is not
//! shown; a test walks the inventory and misses nothing. A statement takes whose rows ($1), after which key ($2) and how
//! many ($3); its first column is the key. `substr` makes NULL of the empty blob.

/// A table, and what is shown of it.
pub(super) struct Part {
    pub(super) table: &'static str,
    pub(super) owner: Owner,
    pub(super) key: Key,
    /// The most rows of one page: fewer where a row is long.
    pub(super) most: usize,
    pub(super) statement: &'static str,
    pub(super) columns: &'static [(&'static str, Shape)],
}

/// How the table names whose row it is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Owner {
    Id,
    Text,
}

/// What its rows are ordered by.
#[derive(Debug, Clone, Copy)]
pub(super) enum Key {
    Bytes,
    Number,
}

/// What a column holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    Id,
    Text,
    Number,
    Flag,
    Day,
    Time,
    /// In base64url.
    Bytes,
    /// In hexadecimal digits.
    Hex,
    Scopes,
    Outcomes,
}

const ROWS: Part =
    Part { table: "", owner: Owner::Id, key: Key::Bytes, most: 500, statement: "", columns: &[] };

const DELIVERY: &[(&str, Shape)] = &[
    ("notification", Shape::Id),
    ("id", Shape::Id),
    ("subscription", Shape::Id),
    ("sender", Shape::Id),
    ("way", Shape::Text),
    ("kind", Shape::Text),
    ("urgency", Shape::Text),
    ("ttl", Shape::Number),
    ("badge", Shape::Number),
    ("sound", Shape::Text),
    ("due_at", Shape::Time),
    ("ends_at", Shape::Time),
    ("attempts", Shape::Number),
    ("answers_lost", Shape::Number),
    ("leased_until", Shape::Time),
    ("form", Shape::Text),
    ("payload_bytes", Shape::Number),
];

/// The same without what tells of the device, or when it was tried.
const DELIVERY_OF_SENDER: &[(&str, Shape)] = &[
    ("notification", Shape::Id),
    ("id", Shape::Id),
    ("subscription", Shape::Id),
    ("sender", Shape::Id),
    ("kind", Shape::Text),
    ("urgency", Shape::Text),
    ("ttl", Shape::Number),
    ("badge", Shape::Number),
    ("sound", Shape::Text),
    ("ends_at", Shape::Time),
    ("attempts", Shape::Number),
    ("answers_lost", Shape::Number),
    ("form", Shape::Text),
    ("payload_bytes", Shape::Number),
];

/// What is held about a sender.
pub(super) const OF_SENDER: &[Part] = &[
    Part {
        table: "senders",
        statement: "SELECT id, id, name, state, content_policy, created_day, joined_openly
            FROM senders WHERE id = $1 AND id > $2 LIMIT $3",
        columns: &[
            ("id", Shape::Id),
            ("name", Shape::Text),
            ("state", Shape::Text),
            ("content_policy", Shape::Text),
            ("created_day", Shape::Day),
            ("joined_openly", Shape::Flag),
        ],
        ..ROWS
    },
    Part {
        table: "credentials",
        statement: "SELECT id, id, sender, scopes, expires_at, last_used_day
            FROM credentials WHERE sender = $1 AND id > $2 ORDER BY id LIMIT $3",
        columns: &[
            ("id", Shape::Id),
            ("sender", Shape::Id),
            ("scopes", Shape::Scopes),
            ("expires_at", Shape::Time),
            ("last_used_day", Shape::Day),
        ],
        ..ROWS
    },
    Part {
        table: "invites",
        statement: "SELECT id, id, expires_at, used_at, sender, credential
            FROM invites WHERE sender = $1 AND id > $2 ORDER BY id LIMIT $3",
        columns: &[
            ("id", Shape::Id),
            ("expires_at", Shape::Time),
            ("used_at", Shape::Time),
            ("sender", Shape::Id),
            ("credential", Shape::Id),
        ],
        ..ROWS
    },
    Part {
        table: "subscriptions",
        statement: "SELECT id, id, sender, created_day, used, relay_key
            FROM subscriptions WHERE sender = $1 AND id > $2 ORDER BY id LIMIT $3",
        columns: &[
            ("id", Shape::Id),
            ("sender", Shape::Id),
            ("created_day", Shape::Day),
            ("used", Shape::Flag),
            ("relay_key", Shape::Bytes),
        ],
        ..ROWS
    },
    Part {
        table: "sealed_registrations",
        statement: "SELECT digest, sender, digest, subscription, keep_until
            FROM sealed_registrations WHERE sender = $1 AND digest > $2 ORDER BY digest LIMIT $3",
        columns: &[
            ("sender", Shape::Id),
            ("digest", Shape::Bytes),
            ("subscription", Shape::Id),
            ("keep_until", Shape::Time),
        ],
        ..ROWS
    },
    Part {
        table: "feedback",
        key: Key::Number,
        statement: "SELECT seq, id, sender, subscription, ended, day
            FROM feedback WHERE sender = $1 AND seq > $2 ORDER BY seq LIMIT $3",
        columns: &[
            ("id", Shape::Bytes),
            ("sender", Shape::Id),
            ("subscription", Shape::Id),
            ("ended", Shape::Text),
            ("day", Shape::Day),
        ],
        ..ROWS
    },
    Part {
        table: "notifications",
        // Each may have the outcomes of a thousand targets.
        most: 20,
        statement: "SELECT id, sender, id, accepted_at, keep_until, outcomes
            FROM notifications WHERE sender = $1 AND id > $2 ORDER BY id LIMIT $3",
        columns: &[
            ("sender", Shape::Id),
            ("id", Shape::Id),
            ("accepted_at", Shape::Time),
            ("keep_until", Shape::Time),
            ("outcomes", Shape::Outcomes),
        ],
        ..ROWS
    },
    Part {
        table: "deliveries",
        // In the order of two indexes, so that no page sorts all that waits.
        statement: "SELECT CAST(notifications.id || deliveries.id AS BLOB), notifications.id, deliveries.id,
            deliveries.subscription, deliveries.sender,
            CASE deliveries.kind WHEN 0 THEN 'alert' WHEN 1 THEN 'background' ELSE 'voip' END,
            CASE deliveries.urgency WHEN 0 THEN 'very-low' WHEN 1 THEN 'low' WHEN 2 THEN 'normal' ELSE 'high' END,
            deliveries.ttl, deliveries.badge, deliveries.sound, deliveries.ends_at,
            deliveries.attempts, deliveries.answers_lost,
            CASE deliveries.form WHEN 1 THEN 'sealed_by_sender' WHEN 2 THEN 'sealed_by_relay'
                WHEN 3 THEN 'omitted' ELSE 'clear' END,
            length(deliveries.payload)
            FROM notifications JOIN deliveries ON deliveries.notification = notifications.seq
            WHERE notifications.sender = $1 AND notifications.id >= coalesce(substr($2, 1, 16), x'')
                AND (notifications.id > coalesce(substr($2, 1, 16), x'') OR deliveries.id > coalesce(substr($2, 17), x''))
            ORDER BY notifications.id, deliveries.id LIMIT $3",
        columns: DELIVERY_OF_SENDER,
        ..ROWS
    },
    Part {
        table: "contents",
        statement: "SELECT notifications.id, notifications.id, length(contents.content)
            FROM notifications JOIN contents ON contents.notification = notifications.seq
            WHERE notifications.sender = $1 AND notifications.id > $2 ORDER BY notifications.id LIMIT $3",
        columns: &[("notification", Shape::Id), ("content_bytes", Shape::Number)],
        ..ROWS
    },
    Part {
        table: "sharing",
        statement: "SELECT CAST(category AS BLOB), sender, category, wording, agreed_at, address
            FROM sharing WHERE sender = $1 AND CAST(category AS BLOB) > $2 ORDER BY category LIMIT $3",
        columns: &[
            ("sender", Shape::Id),
            ("category", Shape::Text),
            ("wording", Shape::Number),
            ("agreed_at", Shape::Time),
            ("address", Shape::Text),
        ],
        ..ROWS
    },
    Part {
        table: "shared_volume",
        // Some thousand rows at most.
        statement: "SELECT CAST(printf('%08d%s%s', day, push_service, outcome) AS BLOB) AS place, sender, day, push_service,
                outcome, count
            FROM shared_volume WHERE sender = $1 AND place > $2 ORDER BY place LIMIT $3",
        columns: &[
            ("sender", Shape::Id),
            ("day", Shape::Day),
            ("push_service", Shape::Text),
            ("outcome", Shape::Text),
            ("count", Shape::Number),
        ],
        ..ROWS
    },
    Part {
        table: "shared_devices",
        key: Key::Number,
        statement: "SELECT day, sender, day, count
            FROM shared_devices WHERE sender = $1 AND day > $2 ORDER BY day LIMIT $3",
        columns: &[("sender", Shape::Id), ("day", Shape::Day), ("count", Shape::Number)],
        ..ROWS
    },
    Part {
        table: "shared_software",
        statement: "SELECT sender, sender, name, version, day FROM shared_software WHERE sender = $1 AND sender > $2 LIMIT $3",
        columns: &[
            ("sender", Shape::Id),
            ("name", Shape::Text),
            ("version", Shape::Text),
            ("day", Shape::Day),
        ],
        ..ROWS
    },
    Part {
        table: "audit_log",
        owner: Owner::Text,
        key: Key::Number,
        // Which of the operator's tokens it was is the operator's own affair.
        statement: "SELECT sequence, at, CASE WHEN actor LIKE 'operator:%' THEN 'operator' ELSE actor END, action,
            subject, detail, hash
            FROM audit_log WHERE subject = $1 AND sequence > $2 ORDER BY sequence LIMIT $3",
        columns: &[
            ("at", Shape::Time),
            ("actor", Shape::Text),
            ("action", Shape::Text),
            ("subject", Shape::Text),
            ("detail", Shape::Text),
            ("hash", Shape::Hex),
        ],
        ..ROWS
    },
];

/// What is held on a registration.
pub(super) const ON_REGISTRATION: &[Part] = &[
    Part {
        table: "registrations",
        statement: "SELECT id, id, app, push_service, environment, token_kind, registered_at, confirmed, confirm_tries,
            accepted_day
            FROM registrations WHERE id = $1 AND id > $2 LIMIT $3",
        columns: &[
            ("id", Shape::Id),
            ("app", Shape::Text),
            ("push_service", Shape::Text),
            ("environment", Shape::Text),
            ("token_kind", Shape::Text),
            ("registered_at", Shape::Time),
            ("confirmed", Shape::Flag),
            ("confirm_tries", Shape::Number),
            ("accepted_day", Shape::Day),
        ],
        ..ROWS
    },
    Part {
        table: "codes",
        statement: "SELECT codes.token_hash, codes.sent_at
            FROM registrations JOIN codes ON codes.token_hash = registrations.token_hash
            WHERE registrations.id = $1 AND codes.token_hash > $2 LIMIT $3",
        columns: &[("sent_at", Shape::Time)],
        ..ROWS
    },
    Part {
        table: "subscriptions",
        statement: "SELECT id, id, registration, sender, created_day, used, relay_key
            FROM subscriptions WHERE registration = $1 AND id > $2 ORDER BY id LIMIT $3",
        columns: &[
            ("id", Shape::Id),
            ("registration", Shape::Id),
            ("sender", Shape::Id),
            ("created_day", Shape::Day),
            ("used", Shape::Flag),
            ("relay_key", Shape::Bytes),
        ],
        ..ROWS
    },
    Part {
        table: "sealed_registrations",
        statement: "SELECT subscription, sender, subscription, keep_until
            FROM sealed_registrations
            WHERE subscription IN (SELECT id FROM subscriptions WHERE registration = $1) AND subscription > $2
            ORDER BY subscription LIMIT $3",
        columns: &[("sender", Shape::Id), ("subscription", Shape::Id), ("keep_until", Shape::Time)],
        ..ROWS
    },
    Part {
        table: "deliveries",
        statement: "SELECT CAST(subscriptions.id || deliveries.id AS BLOB), notifications.id, deliveries.id,
            deliveries.subscription, deliveries.sender, deliveries.way,
            CASE deliveries.kind WHEN 0 THEN 'alert' WHEN 1 THEN 'background' ELSE 'voip' END,
            CASE deliveries.urgency WHEN 0 THEN 'very-low' WHEN 1 THEN 'low' WHEN 2 THEN 'normal' ELSE 'high' END,
            deliveries.ttl, deliveries.badge, deliveries.sound, deliveries.due_at, deliveries.ends_at,
            deliveries.attempts, deliveries.answers_lost, deliveries.leased_until,
            CASE deliveries.form WHEN 1 THEN 'sealed_by_sender' WHEN 2 THEN 'sealed_by_relay'
                WHEN 3 THEN 'omitted' ELSE 'clear' END,
            length(deliveries.payload)
            FROM subscriptions JOIN deliveries ON deliveries.subscription = subscriptions.id
            JOIN notifications ON notifications.seq = deliveries.notification
            WHERE subscriptions.registration = $1 AND subscriptions.id >= coalesce(substr($2, 1, 16), x'')
                AND (subscriptions.id > coalesce(substr($2, 1, 16), x'') OR deliveries.id > coalesce(substr($2, 17), x''))
            ORDER BY subscriptions.id, deliveries.id LIMIT $3",
        columns: DELIVERY,
        ..ROWS
    },
];

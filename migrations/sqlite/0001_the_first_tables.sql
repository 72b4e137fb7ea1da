-- Ids are the 16 bytes of a UUID, times are unix milliseconds UTC, days are days since 1970-01-01.
-- Every column is described, with its purpose and how long it is kept, in src/privacy/inventory.

-- "SEAL": tells our files from others.
PRAGMA application_id = 1397047628;

-- What the database must know of itself: the id of the storage key that it was written under.
CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE senders (
    id             BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name           TEXT    NOT NULL,
    state          TEXT    NOT NULL CHECK (state IN ('active', 'suspended')),
    content_policy TEXT    NOT NULL CHECK (content_policy IN ('clear_allowed', 'seal_or_omit', 'sealed_only')),
    created_day    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE credentials (
    id            BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    sender        BLOB    NOT NULL REFERENCES senders (id),
    secret_hash   BLOB    NOT NULL CHECK (length(secret_hash) = 32),
    scopes        INTEGER NOT NULL,
    expires_at    INTEGER,
    last_used_day INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX credentials_by_sender ON credentials (sender);

-- `device_token` is under the at-rest cipher, bound to this table, column and row; rows that hold one token
-- are found by `token_hash`, which no one can compute without the storage key.
CREATE TABLE registrations (
    id            BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    app           TEXT    NOT NULL,
    push_service  TEXT    NOT NULL CHECK (push_service IN ('apns', 'fcm')),
    environment   TEXT    CHECK (environment IN ('production', 'sandbox')),
    token_kind    TEXT    NOT NULL CHECK (token_kind IN ('standard', 'voip')),
    device_token  BLOB    NOT NULL,
    token_hash    BLOB    NOT NULL CHECK (length(token_hash) = 32),
    secret_hash   BLOB    NOT NULL CHECK (length(secret_hash) = 32),
    registered_at INTEGER NOT NULL,
    accepted_day  INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX registrations_by_token ON registrations (token_hash);

CREATE TABLE subscriptions (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    registration BLOB    NOT NULL REFERENCES registrations (id),
    sender       BLOB    NOT NULL REFERENCES senders (id),
    created_day  INTEGER NOT NULL,
    used         INTEGER NOT NULL CHECK (used IN (0, 1)),
    relay_key    BLOB    CHECK (length(relay_key) = 32)
) STRICT, WITHOUT ROWID;

CREATE INDEX subscriptions_by_registration ON subscriptions (registration);
CREATE INDEX subscriptions_by_sender ON subscriptions (sender);

-- One row per notification, however many targets it has: `outcomes` is an append-only log of entries
-- (src/storage/outcome_log.rs), so that a target's end appends a few bytes and inserts nothing.
CREATE TABLE notifications (
    seq         INTEGER PRIMARY KEY,
    sender      BLOB    NOT NULL REFERENCES senders (id),
    id          BLOB    NOT NULL CHECK (length(id) = 16),
    body_hash   BLOB    NOT NULL CHECK (length(body_hash) = 32),
    accepted_at INTEGER NOT NULL,
    keep_until  INTEGER NOT NULL,
    outcomes    BLOB    NOT NULL,
    UNIQUE (sender, id)
) STRICT;

CREATE INDEX notifications_by_keep_until ON notifications (keep_until);

-- What was promised and is not decided. A delivery that ended has no row here, only its entry in `outcomes`.
--   kind     0 alert, 1 background, 2 voip
--   urgency  0 very-low, 1 low, 2 normal, 3 high
--   form     1 sealed_by_sender, 2 sealed_by_relay, 3 omitted, 4 clear
--   payload  the envelope; of omitted content the sender's reference; of clear content its ciphertext
--   due_at   never later than the deadline, so that what expired is due too
-- The payload stands last: rows are read without it where only the delivery's place is asked for.
CREATE TABLE deliveries (
    seq          INTEGER PRIMARY KEY,
    notification INTEGER NOT NULL REFERENCES notifications (seq),
    id           BLOB    NOT NULL CHECK (length(id) = 16),
    subscription BLOB    NOT NULL REFERENCES subscriptions (id),
    kind         INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 2),
    urgency      INTEGER NOT NULL CHECK (urgency BETWEEN 0 AND 3),
    ttl          INTEGER NOT NULL,
    collapse     BLOB    CHECK (length(collapse) = 24),
    badge        INTEGER,
    sound        TEXT,
    due_at       INTEGER NOT NULL,
    attempts     INTEGER NOT NULL,
    answers_lost INTEGER NOT NULL,
    leased_until INTEGER,
    form         INTEGER NOT NULL CHECK (form BETWEEN 1 AND 4),
    payload      BLOB,
    UNIQUE (notification, id)
) STRICT;

CREATE INDEX deliveries_by_subscription ON deliveries (subscription);
CREATE INDEX deliveries_free ON deliveries (urgency, due_at) WHERE leased_until IS NULL;
CREATE INDEX deliveries_leased ON deliveries (leased_until) WHERE leased_until IS NOT NULL;

-- Each hash covers the one before it, so that a change in the middle shows from there on.
CREATE TABLE audit_log (
    sequence INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    actor    TEXT    NOT NULL,
    action   TEXT    NOT NULL,
    subject  TEXT    NOT NULL,
    detail   TEXT    NOT NULL,
    hash     BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TRIGGER audit_log_is_never_changed BEFORE UPDATE ON audit_log
BEGIN
    SELECT raise(ABORT, 'the audit log is append-only');
END;

CREATE TRIGGER audit_log_is_never_shortened BEFORE DELETE ON audit_log
BEGIN
    SELECT raise(ABORT, 'the audit log is append-only');
END;

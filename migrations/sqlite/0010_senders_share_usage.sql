-- What a sender's administrator agreed to share, by category: the version of the wording, and when. Without a row here
-- nothing is recorded. `address` is what the category `contact` shares.
CREATE TABLE sharing (
    sender    BLOB    NOT NULL REFERENCES senders (id),
    category  TEXT    NOT NULL CHECK (category IN ('volume', 'devices', 'software', 'contact')),
    wording   INTEGER NOT NULL,
    agreed_at INTEGER NOT NULL,
    address   TEXT,
    PRIMARY KEY (sender, category),
    CHECK ((address IS NULL) = (category <> 'contact'))
) STRICT, WITHOUT ROWID;

-- How many deliveries ended, where enough devices are behind the count. What fewer are behind is never written.
CREATE TABLE shared_volume (
    sender       BLOB    NOT NULL REFERENCES senders (id),
    day          INTEGER NOT NULL,
    push_service TEXT    NOT NULL CHECK (push_service IN ('apns', 'fcm')),
    outcome      TEXT    NOT NULL CHECK (outcome IN ('accepted', 'gone', 'expired', 'rejected', 'replaced', 'withdrawn')),
    count        INTEGER NOT NULL,
    PRIMARY KEY (sender, day, push_service, outcome)
) STRICT, WITHOUT ROWID;

CREATE INDEX shared_volume_by_day ON shared_volume (day);

-- How many subscriptions were in use, rounded down.
CREATE TABLE shared_devices (
    sender BLOB    NOT NULL REFERENCES senders (id),
    day    INTEGER NOT NULL,
    count  INTEGER NOT NULL,
    PRIMARY KEY (sender, day)
) STRICT, WITHOUT ROWID;

CREATE INDEX shared_devices_by_day ON shared_devices (day);

-- The software that a sender named last.
CREATE TABLE shared_software (
    sender  BLOB    NOT NULL PRIMARY KEY REFERENCES senders (id),
    name    TEXT    NOT NULL,
    version TEXT    NOT NULL,
    day     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX shared_software_by_day ON shared_software (day);

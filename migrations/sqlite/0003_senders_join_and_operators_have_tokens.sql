-- Single-use invites. One that was used is kept for a while, so that its holder, whose answer was lost, can repeat
-- the request: `credential` is the first credential of the sender that it made.
CREATE TABLE invites (
    id          BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    secret_hash BLOB    NOT NULL CHECK (length(secret_hash) = 32),
    expires_at  INTEGER NOT NULL,
    used_at     INTEGER,
    sender      BLOB    REFERENCES senders (id),
    credential  BLOB    CHECK (length(credential) = 16),
    CHECK ((used_at IS NULL) = (sender IS NULL) AND (used_at IS NULL) = (credential IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX invites_by_sender ON invites (sender) WHERE sender IS NOT NULL;

CREATE TABLE operator_tokens (
    id            BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    secret_hash   BLOB    NOT NULL CHECK (length(secret_hash) = 32),
    role          TEXT    NOT NULL CHECK (role IN ('viewer', 'owner')),
    expires_at    INTEGER,
    last_used_day INTEGER
) STRICT, WITHOUT ROWID;

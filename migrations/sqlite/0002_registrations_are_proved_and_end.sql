-- Whose token is it: a registration is proved when its device echoed a code that came through the push service.
--   confirmed      1: it did, for this very token
--   confirm_tries  wrong echoes since the last code was sent to this token
ALTER TABLE registrations ADD COLUMN confirmed INTEGER NOT NULL DEFAULT 0 CHECK (confirmed IN (0, 1));
ALTER TABLE registrations ADD COLUMN confirm_tries INTEGER NOT NULL DEFAULT 0;

-- The last code of each token. One row per token, whoever registered it, so that no token gets a second code
-- within the hour; the row outlives a registration that is removed and registered again.
CREATE TABLE codes (
    token_hash BLOB    NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    code_hash  BLOB    NOT NULL CHECK (length(code_hash) = 32),
    sent_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX codes_by_sent_at ON codes (sent_at);

-- By which the same sealed registration from the same sender gets its stored answer.
CREATE TABLE sealed_registrations (
    sender       BLOB    NOT NULL REFERENCES senders (id),
    digest       BLOB    NOT NULL CHECK (length(digest) = 32),
    subscription BLOB    NOT NULL CHECK (length(subscription) = 16),
    keep_until   INTEGER NOT NULL,
    PRIMARY KEY (sender, digest)
) STRICT, WITHOUT ROWID;

CREATE INDEX sealed_registrations_by_keep_until ON sealed_registrations (keep_until);

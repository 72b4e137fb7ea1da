-- Subscriptions that ended, for their senders to learn of, until they have. No number is used twice: what one
-- acknowledges must never be what came since.
CREATE TABLE feedback (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    id           BLOB    NOT NULL CHECK (length(id) = 16),
    sender       BLOB    NOT NULL REFERENCES senders (id),
    subscription BLOB    NOT NULL CHECK (length(subscription) = 16),
    ended        TEXT    NOT NULL CHECK (ended IN ('unregistered', 'expired', 'removed')),
    day          INTEGER NOT NULL
) STRICT;

CREATE INDEX feedback_by_sender ON feedback (sender, seq);
CREATE INDEX feedback_by_subscription ON feedback (subscription);

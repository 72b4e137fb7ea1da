-- The audit log may be cut at its old end, when its time is over: what is left goes on from `audit_cuts`, the last
-- entry that was cut each time, and is proved from there.
CREATE TABLE audit_cuts (
    sequence INTEGER NOT NULL PRIMARY KEY,
    hash     BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

-- A cut is told in the log first, by its newest entry, and spares the last 30 days whatever the config says.
CREATE TRIGGER audit_log_is_cut_only_as_told BEFORE INSERT ON audit_cuts
WHEN NOT EXISTS (
    SELECT 1 FROM audit_log AS cut, audit_log AS told
    WHERE cut.sequence = new.sequence AND cut.hash = new.hash
    AND told.sequence = (SELECT max(sequence) FROM audit_log) AND told.sequence > cut.sequence
    AND told.action = 'audit.cut'
    AND told.detail = 'through=' || new.sequence || ' hash=' || lower(hex(new.hash))
    AND cut.at <= told.at - 2592000000)
BEGIN
    SELECT raise(ABORT, 'the audit log is cut at its old end, and says so');
END;

CREATE TRIGGER audit_cuts_are_never_changed BEFORE UPDATE ON audit_cuts
BEGIN
    SELECT raise(ABORT, 'the audit log is append-only');
END;

CREATE TRIGGER audit_cuts_are_never_removed BEFORE DELETE ON audit_cuts
BEGIN
    SELECT raise(ABORT, 'the audit log is append-only');
END;

DROP TRIGGER audit_log_is_never_shortened;
CREATE TRIGGER audit_log_is_shortened_by_cuts_alone BEFORE DELETE ON audit_log
WHEN old.sequence > (SELECT coalesce(max(sequence), 0) FROM audit_cuts)
BEGIN
    SELECT raise(ABORT, 'the audit log is append-only');
END;

-- What is held about a sender is found by its id.
CREATE INDEX audit_log_by_subject ON audit_log (subject, sequence);

-- Whether nobody invited or added it: stood in the audit log alone, which does not last as long.
ALTER TABLE senders ADD COLUMN joined_openly INTEGER NOT NULL DEFAULT 0 CHECK (joined_openly IN (0, 1));

UPDATE senders SET joined_openly = 1 WHERE lower(hex(id)) IN (
    SELECT replace(subject, '-', '') FROM audit_log WHERE action = 'sender.join' AND detail LIKE '% open');

CREATE INDEX senders_that_joined_openly ON senders (id) WHERE joined_openly = 1;

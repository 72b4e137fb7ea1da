-- Readable content that goes to several targets stands once, beside its notification, and goes with the last delivery
-- that waits with it.
CREATE TABLE contents (
    notification INTEGER PRIMARY KEY REFERENCES notifications (seq),
    content      BLOB NOT NULL
) STRICT;

CREATE TRIGGER content_goes_with_its_last_delivery AFTER DELETE ON deliveries
WHEN old.form = 4 AND old.payload IS NULL
BEGIN
    DELETE FROM contents WHERE notification = old.notification AND NOT EXISTS (
        SELECT 1 FROM deliveries
        WHERE deliveries.notification = old.notification AND deliveries.form = 4 AND deliveries.payload IS NULL);
END;

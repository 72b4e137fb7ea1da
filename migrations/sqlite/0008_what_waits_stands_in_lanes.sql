-- What waits is leased lane by lane: a lane is what one sender has waiting for one app at one push service and
-- environment, so that a long one, or one whose app is held, is never in the way of another. What has come to its end is
-- found in every lane by its time.
CREATE TABLE deliveries_in_lanes (
    seq          INTEGER PRIMARY KEY,
    notification INTEGER NOT NULL REFERENCES notifications (seq),
    id           BLOB    NOT NULL CHECK (length(id) = 16),
    subscription BLOB    NOT NULL REFERENCES subscriptions (id),
    sender       BLOB    NOT NULL CHECK (length(sender) = 16),
    way          TEXT    NOT NULL,
    kind         INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 2),
    urgency      INTEGER NOT NULL CHECK (urgency BETWEEN 0 AND 3),
    ttl          INTEGER NOT NULL,
    collapse     BLOB    CHECK (length(collapse) = 24),
    badge        INTEGER,
    sound        TEXT,
    due_at       INTEGER NOT NULL,
    ends_at      INTEGER NOT NULL,
    attempts     INTEGER NOT NULL,
    answers_lost INTEGER NOT NULL,
    leased_until INTEGER,
    form         INTEGER NOT NULL CHECK (form BETWEEN 1 AND 4),
    payload      BLOB,
    UNIQUE (notification, id)
) STRICT;

-- A time to live of 0 ends ten seconds after the relay accepted the notification.
INSERT INTO deliveries_in_lanes
SELECT deliveries.seq, deliveries.notification, deliveries.id, deliveries.subscription, notifications.sender,
    registrations.app || '/' || registrations.push_service || coalesce('/' || registrations.environment, ''),
    deliveries.kind, deliveries.urgency, deliveries.ttl, deliveries.collapse, deliveries.badge, deliveries.sound,
    deliveries.due_at,
    notifications.accepted_at + CASE WHEN deliveries.ttl = 0 THEN 10000 ELSE 1000 * deliveries.ttl END,
    deliveries.attempts, deliveries.answers_lost, deliveries.leased_until, deliveries.form, deliveries.payload
FROM deliveries
JOIN notifications ON notifications.seq = deliveries.notification
JOIN subscriptions ON subscriptions.id = deliveries.subscription
JOIN registrations ON registrations.id = subscriptions.registration;

DROP TABLE deliveries;
ALTER TABLE deliveries_in_lanes RENAME TO deliveries;

CREATE INDEX deliveries_by_subscription ON deliveries (subscription, collapse);
CREATE INDEX deliveries_free ON deliveries (sender, way, urgency, due_at) WHERE leased_until IS NULL;
CREATE INDEX deliveries_by_end ON deliveries (ends_at) WHERE leased_until IS NULL;
CREATE INDEX deliveries_leased ON deliveries (leased_until) WHERE leased_until IS NOT NULL;

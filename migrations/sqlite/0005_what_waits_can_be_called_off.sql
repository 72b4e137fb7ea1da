-- What waits with the same collapse key for the same subscription is found by one look, so that a newer one can take
-- its place. The subscription stands first: what waits for one is still found by it.
DROP INDEX deliveries_by_subscription;
CREATE INDEX deliveries_by_subscription ON deliveries (subscription, collapse);

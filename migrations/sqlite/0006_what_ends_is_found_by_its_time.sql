-- What has expired is found by its time, a few rows at a time: the sweeper runs each minute on the one connection that
-- writes, however many credentials and invites there are.
CREATE INDEX credentials_by_expiry ON credentials (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX invites_by_expiry ON invites (expires_at) WHERE used_at IS NULL;
CREATE INDEX invites_by_use ON invites (used_at) WHERE used_at IS NOT NULL;

-- The storage key can be rotated: `meta` may name a second one, and keep the keys of keyed hashes.
--   storage_key         the id of the key that everything is written under
--   storage_key_before  the id of the key before, as long as something may still be under it
--   lookup_keys         the keys of all keyed hashes, under the at-rest cipher, from the first rotation on; until
--                       then they come from the storage key
-- Nothing changes in the tables. The number keeps a release away that knows of one key only: it would look for
-- tokens by hashes of the wrong key.
UPDATE meta SET value = value WHERE name = 'storage_key';

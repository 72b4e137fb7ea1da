-- What is held on a registration is found by its subscriptions, also the answers to sealed registrations.
CREATE INDEX sealed_registrations_by_subscription ON sealed_registrations (subscription);

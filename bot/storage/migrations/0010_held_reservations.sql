-- The ledger's balance is looked at every few seconds, and must not cost more the longer the bot has run.
CREATE INDEX reservations_held ON reservations (job_id) WHERE state = 'held';

-- A rule may be for one model alone, beside those for all; a reservation says which model it is for. A name that is empty
-- is every model's in a rule, and not known in a reservation, which then counts for each.

CREATE TABLE rules_of_models (
    guild_id    INTEGER NOT NULL,
    target_id   INTEGER NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('user', 'role', 'everyone')),
    per         TEXT NOT NULL CHECK (per IN ('hour', 'day', 'week')),
    model       TEXT NOT NULL COLLATE NOCASE,  -- as the host spells it
    images      INTEGER NOT NULL CHECK (images >= 0),
    at_once     INTEGER CHECK (at_once >= 0),
    reason      TEXT NOT NULL,
    expires_at  REAL,
    set_by      INTEGER NOT NULL,
    set_at      REAL NOT NULL,
    PRIMARY KEY (guild_id, target_id, kind, per, model)
) STRICT, WITHOUT ROWID;

INSERT INTO rules_of_models
SELECT guild_id, target_id, kind, per, '', images, at_once, reason, expires_at, set_by, set_at FROM rules;

DROP TABLE rules;
ALTER TABLE rules_of_models RENAME TO rules;
CREATE INDEX rules_of_a_target ON rules (target_id);

-- No tallies of models: the limit of a model bounds its uses, so these are read one by one.
ALTER TABLE reservations ADD COLUMN model TEXT NOT NULL DEFAULT '' COLLATE NOCASE;
UPDATE reservations
SET model = coalesce((SELECT model FROM jobs WHERE id = job_id AND model <> 'default'), '');
CREATE INDEX reservations_of_a_model ON reservations (user_id, guild_id, model, reserved_at) WHERE state <> 'released';

ALTER TABLE erased_uses ADD COLUMN model TEXT NOT NULL DEFAULT '' COLLATE NOCASE;

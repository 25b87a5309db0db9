-- What moderators allow: a rule is one limit of one target over one window; a grant is pictures on top of the rules.

CREATE TABLE rules (
    guild_id    INTEGER NOT NULL,
    target_id   INTEGER NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('user', 'role', 'everyone')),
    per         TEXT NOT NULL CHECK (per IN ('hour', 'day', 'week')),
    images      INTEGER NOT NULL CHECK (images >= 0),
    at_once     INTEGER CHECK (at_once >= 0),
    reason      TEXT NOT NULL,
    expires_at  REAL,
    set_by      INTEGER NOT NULL,
    set_at      REAL NOT NULL,
    PRIMARY KEY (guild_id, target_id, kind, per)
) STRICT, WITHOUT ROWID;

-- What is left of a grant is its images less those of its reservations that were not released: no balance is stored.
CREATE TABLE grants (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id    INTEGER NOT NULL,
    user_id     INTEGER NOT NULL,
    images      INTEGER NOT NULL CHECK (images > 0),
    UNIQUE (guild_id, user_id)
) STRICT;

-- Pictures that a grant paid for do not count against the server's rules, also after the grant was taken away.
ALTER TABLE reservations ADD COLUMN granted INTEGER NOT NULL DEFAULT 0 CHECK (granted BETWEEN 0 AND images);
ALTER TABLE reservations ADD COLUMN grant_id INTEGER REFERENCES grants (id) ON DELETE SET NULL;
CREATE INDEX reservations_of_a_grant ON reservations (grant_id) WHERE grant_id IS NOT NULL;

-- Requests at once, and the usual time of one, without a walk over all jobs.
CREATE INDEX jobs_on_their_way ON jobs (user_id, guild_id, created_at) WHERE ended_at IS NULL;
CREATE INDEX jobs_done ON jobs (ended_at) WHERE state = 'done';

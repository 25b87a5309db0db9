-- A job is one request for pictures; its reservation is what it holds against the requester's limits.
-- Both are inserted in one transaction, and end in one.

CREATE TABLE jobs (
    id          TEXT PRIMARY KEY,
    state       TEXT NOT NULL CHECK (state IN ('queued', 'painting', 'done', 'failed', 'cancelled')),
    user_id     INTEGER NOT NULL,
    channel_id  INTEGER NOT NULL,
    guild_id    INTEGER,
    locale      TEXT NOT NULL,
    message_id  INTEGER UNIQUE,
    parent_id   TEXT REFERENCES jobs (id),
    words       TEXT NOT NULL,
    shape       TEXT NOT NULL,
    count       INTEGER NOT NULL CHECK (count > 0),
    seed        INTEGER NOT NULL,
    exact       INTEGER NOT NULL CHECK (exact IN (0, 1)),
    spec        TEXT,
    size        TEXT,
    model       TEXT,
    steps       INTEGER,
    seconds     REAL,
    created_at  REAL NOT NULL,
    ended_at    REAL,
    CHECK ((ended_at IS NULL) = (state IN ('queued', 'painting')))
) STRICT;

CREATE INDEX jobs_unfinished ON jobs (created_at) WHERE ended_at IS NULL;

CREATE TABLE reservations (
    job_id      TEXT PRIMARY KEY REFERENCES jobs (id),
    user_id     INTEGER NOT NULL,
    guild_id    INTEGER NOT NULL,  -- 0: the bot's direct messages
    images      INTEGER NOT NULL CHECK (images > 0),
    state       TEXT NOT NULL CHECK (state IN ('held', 'spent', 'released')),
    reserved_at REAL NOT NULL
) STRICT;

CREATE INDEX reservations_that_count ON reservations (user_id, guild_id, reserved_at) WHERE state <> 'released';

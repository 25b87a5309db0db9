-- What privacy adds: sealed texts, words that were deleted before their picture, and what is left of someone erased.

ALTER TABLE jobs ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0 CHECK (sealed IN (0, 1));  -- words, spec and options
ALTER TABLE jobs ADD COLUMN purged_at REAL;  -- its words and what they were understood as were deleted
ALTER TABLE starts ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0 CHECK (sealed IN (0, 1));
ALTER TABLE held ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0 CHECK (sealed IN (0, 1));  -- remarks
ALTER TABLE held_pictures ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0 CHECK (sealed IN (0, 1));

-- Has a row where the database is sealed: the proof opens with the right key alone. Complete: no plain row is left.
CREATE TABLE sealing (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    proof       BLOB NOT NULL,
    complete    INTEGER NOT NULL CHECK (complete IN (0, 1))
) STRICT;

-- Pictures that still count against the limits of someone who was erased: a keyed hash stands for them.
CREATE TABLE erased_uses (
    pseudonym   BLOB NOT NULL,
    guild_id    INTEGER NOT NULL,
    images      INTEGER NOT NULL CHECK (images > 0),
    granted     INTEGER NOT NULL CHECK (granted BETWEEN 0 AND images),
    reserved_at REAL NOT NULL
) STRICT;

CREATE INDEX erased_uses_that_count ON erased_uses (pseudonym, guild_id, reserved_at);

-- Messages that are still to be deleted from Discord for someone who was erased; it does not say for whom.
CREATE TABLE erased_messages (
    message_id  INTEGER PRIMARY KEY,
    channel_id  INTEGER NOT NULL,
    token       TEXT
) STRICT;

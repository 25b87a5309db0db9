-- Pictures that wait for a moderator, and what moderators decided about such pictures.

ALTER TABLE guilds ADD COLUMN nsfw_policy TEXT CHECK (nsfw_policy IN ('block', 'hold', 'age-restricted'));
ALTER TABLE guilds ADD COLUMN review_channel_id INTEGER;

-- A job that has not ended and was held waits for a moderator; neither a restart nor its requester's other jobs move it.
ALTER TABLE jobs ADD COLUMN held_at REAL;

-- Kept as the record of the decision; the pictures themselves go when the job ends.
CREATE TABLE held (
    job_id              TEXT PRIMARY KEY REFERENCES jobs (id),
    guild_id            INTEGER NOT NULL,
    score               REAL NOT NULL,
    held_at             REAL NOT NULL,
    painted             TEXT NOT NULL,  -- JSON: how they were made
    remarks             TEXT NOT NULL,  -- JSON: what the requester is told below them
    released_by         INTEGER,
    shown_channel_id    INTEGER,        -- the message that shows them to the moderators
    shown_message_id    INTEGER
) STRICT;

CREATE INDEX held_of_a_guild ON held (guild_id, held_at);

CREATE TABLE held_pictures (
    job_id  TEXT NOT NULL REFERENCES held (job_id) ON DELETE CASCADE,
    number  INTEGER NOT NULL,
    image   BLOB NOT NULL,
    PRIMARY KEY (job_id, number)
) STRICT;

CREATE TRIGGER held_pictures_go_when_their_job_ends AFTER UPDATE OF ended_at ON jobs
WHEN NEW.ended_at IS NOT NULL AND NEW.held_at IS NOT NULL
BEGIN DELETE FROM held_pictures WHERE job_id = NEW.id; END;

-- Start pictures, kept once by content for each person, with the jobs that start from each. A row of `starts` is from before
-- that; it is moved here one by one while the bot runs, since each has to be made smaller.

CREATE TABLE start_pictures (
    id          INTEGER PRIMARY KEY,
    user_id     INTEGER NOT NULL,
    digest      TEXT NOT NULL,      -- a keyed hash of the content
    used_at     REAL NOT NULL,      -- when the newest job that starts from it was asked for
    size        INTEGER NOT NULL,   -- bytes of the image
    sealed      INTEGER NOT NULL CHECK (sealed IN (0, 1)),
    image       BLOB NOT NULL,
    UNIQUE (user_id, digest)
) STRICT;

CREATE INDEX start_pictures_of_a_person ON start_pictures (user_id, used_at, size);
CREATE INDEX start_pictures_by_use ON start_pictures (used_at, size);

CREATE TABLE job_starts (
    job_id      TEXT PRIMARY KEY REFERENCES jobs (id),
    picture_id  INTEGER NOT NULL REFERENCES start_pictures (id) ON DELETE CASCADE
) STRICT;

CREATE INDEX job_starts_of_a_picture ON job_starts (picture_id);

CREATE TRIGGER start_pictures_go_with_their_last_job AFTER DELETE ON job_starts
WHEN NOT EXISTS (SELECT 1 FROM job_starts WHERE picture_id = OLD.picture_id)
BEGIN DELETE FROM start_pictures WHERE id = OLD.picture_id; END;

-- Has a row for each erase whose bytes may still stand in unused places of the file.
CREATE TABLE untidy (
    erased_at   REAL NOT NULL
) STRICT;

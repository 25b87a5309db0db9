-- Whose photos may be painted from: a server's mode, what members said, and whose photos are in which request.

ALTER TABLE guilds ADD COLUMN photos TEXT CHECK (photos IN ('own', 'everyone', 'off'));  -- NULL: own
ALTER TABLE members ADD COLUMN photos INTEGER CHECK (photos IN (0, 1));  -- NULL: as the server says

CREATE TABLE job_photos (
    job_id  TEXT NOT NULL REFERENCES jobs (id),
    user_id INTEGER NOT NULL,  -- the photo's author
    PRIMARY KEY (job_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX job_photos_of_a_person ON job_photos (user_id);

-- What the conversation adds: an order's further options, pictures that others start from, and what members prefer.

ALTER TABLE jobs ADD COLUMN options TEXT NOT NULL DEFAULT '{}';  -- JSON: what an order holds beyond the columns of 0001
ALTER TABLE jobs ADD COLUMN private INTEGER NOT NULL DEFAULT 0 CHECK (private IN (0, 1));
ALTER TABLE jobs ADD COLUMN token TEXT;        -- of the interaction that a private picture answers; of use for 15 minutes
ALTER TABLE jobs ADD COLUMN deleted_at REAL;   -- its message is gone

CREATE INDEX jobs_of_a_user ON jobs (user_id, created_at);
CREATE INDEX jobs_of_a_parent ON jobs (parent_id) WHERE parent_id IS NOT NULL;

-- Kept as long as the picture that came of it, so that a restart can go on and Again can start from it once more.
CREATE TABLE starts (
    job_id  TEXT PRIMARY KEY REFERENCES jobs (id),
    image   BLOB NOT NULL
) STRICT;

CREATE TABLE members (
    user_id INTEGER PRIMARY KEY,
    style   TEXT NOT NULL,
    shape   TEXT NOT NULL,
    private INTEGER NOT NULL CHECK (private IN (0, 1))
) STRICT;

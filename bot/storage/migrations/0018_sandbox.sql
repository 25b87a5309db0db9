-- What stands in the sandbox's channels, so that a conversation goes on after a restart.

CREATE TABLE sandbox_messages (
    id       INTEGER PRIMARY KEY,
    user_id  INTEGER NOT NULL,  -- whose it is: who wrote it, or for whom Limner wrote it; 0: nobody's
    made_at  REAL NOT NULL,
    size     INTEGER NOT NULL,  -- bytes of the body
    sealed   INTEGER NOT NULL CHECK (sealed IN (0, 1)),
    body     TEXT NOT NULL      -- JSON
) STRICT;

CREATE INDEX sandbox_messages_of_a_person ON sandbox_messages (user_id);
CREATE INDEX sandbox_messages_by_age ON sandbox_messages (made_at);

CREATE TABLE sandbox_files (
    id          INTEGER PRIMARY KEY,
    message_id  INTEGER NOT NULL REFERENCES sandbox_messages (id) ON DELETE CASCADE,
    size        INTEGER NOT NULL,  -- bytes of the file
    sealed      INTEGER NOT NULL CHECK (sealed IN (0, 1)),
    name        TEXT NOT NULL,
    data        BLOB NOT NULL
) STRICT;

CREATE INDEX sandbox_files_of_a_message ON sandbox_files (message_id);

-- What moderators decide for their server, and the log of it, which nobody can change.

CREATE TABLE guilds (
    guild_id        INTEGER PRIMARY KEY,
    paused          INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
    pause_reason    TEXT NOT NULL DEFAULT '',
    log_channel_id  INTEGER
) STRICT;

CREATE TABLE blocks (
    guild_id    INTEGER NOT NULL,
    user_id     INTEGER NOT NULL,
    until       REAL,  -- NULL: for good
    reason      TEXT NOT NULL,
    PRIMARY KEY (guild_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE blocked_words (
    guild_id    INTEGER NOT NULL,
    word        TEXT NOT NULL,
    PRIMARY KEY (guild_id, word)
) STRICT, WITHOUT ROWID;

CREATE TABLE channel_rules (
    guild_id    INTEGER NOT NULL,
    channel_id  INTEGER NOT NULL,
    rule        TEXT NOT NULL CHECK (rule IN ('allowed', 'denied')),
    PRIMARY KEY (guild_id, channel_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id    INTEGER NOT NULL,
    actor_id    INTEGER NOT NULL,
    action      TEXT NOT NULL,
    target_id   INTEGER,
    before      TEXT NOT NULL,
    after       TEXT NOT NULL,
    reason      TEXT NOT NULL,
    at          REAL NOT NULL
) STRICT;

CREATE INDEX audit_of_a_guild ON audit (guild_id, id);

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

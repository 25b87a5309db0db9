-- Whom an entry of the log concerns may be a role or everyone: a user, role, everyone, or '' where the action tells.
ALTER TABLE audit ADD COLUMN target_kind TEXT NOT NULL DEFAULT '';

-- How many requests were refused on a day in UTC (days since 1970), and why; not whose, nor which words.
CREATE TABLE refusals (
    guild_id    INTEGER NOT NULL,
    day         INTEGER NOT NULL,
    reason      TEXT NOT NULL,
    count       INTEGER NOT NULL CHECK (count > 0),
    PRIMARY KEY (guild_id, day, reason)
) STRICT, WITHOUT ROWID;

CREATE INDEX jobs_of_a_guild_by_end ON jobs (guild_id, ended_at) WHERE ended_at IS NOT NULL;

-- What someone used, summed over twenty minutes each, so that a decision costs the same however much they drew: a window is
-- the sum of its slots, and of the single uses in the one slot that it cuts. Triggers keep the sums, whoever writes.

CREATE TABLE tallies (
    user_id     INTEGER NOT NULL,
    guild_id    INTEGER NOT NULL,
    slot        INTEGER NOT NULL,  -- reserved_at in whole seconds / 1200: both steps are exact
    images      INTEGER NOT NULL CHECK (images >= 0),
    granted     INTEGER NOT NULL CHECK (granted BETWEEN 0 AND images),
    PRIMARY KEY (user_id, guild_id, slot)
) STRICT, WITHOUT ROWID;

INSERT INTO tallies
SELECT user_id, guild_id, CAST(reserved_at AS INTEGER) / 1200 AS slot, sum(images), sum(granted)
FROM reservations WHERE state <> 'released' GROUP BY user_id, guild_id, slot;

CREATE TRIGGER tallies_count_what_is_reserved AFTER INSERT ON reservations WHEN NEW.state <> 'released'
BEGIN
    INSERT INTO tallies
    VALUES (NEW.user_id, NEW.guild_id, CAST(NEW.reserved_at AS INTEGER) / 1200, NEW.images, NEW.granted)
    ON CONFLICT DO UPDATE SET images = images + excluded.images, granted = granted + excluded.granted;
END;

CREATE TRIGGER tallies_forget_what_is_deleted AFTER DELETE ON reservations WHEN OLD.state <> 'released'
BEGIN
    UPDATE tallies SET images = images - OLD.images, granted = granted - OLD.granted
    WHERE user_id = OLD.user_id AND guild_id = OLD.guild_id AND slot = CAST(OLD.reserved_at AS INTEGER) / 1200;
    DELETE FROM tallies WHERE images = 0
    AND user_id = OLD.user_id AND guild_id = OLD.guild_id AND slot = CAST(OLD.reserved_at AS INTEGER) / 1200;
END;

-- A reservation that is spent counts as it did while it was held; that end, the usual one, must cost nothing here.
CREATE TRIGGER tallies_follow_what_changes
AFTER UPDATE OF user_id, guild_id, images, state, reserved_at, granted ON reservations
WHEN (OLD.state = 'released') <> (NEW.state = 'released') OR OLD.user_id <> NEW.user_id OR OLD.guild_id <> NEW.guild_id
OR OLD.images <> NEW.images OR OLD.reserved_at <> NEW.reserved_at OR OLD.granted <> NEW.granted
BEGIN
    UPDATE tallies SET images = images - OLD.images, granted = granted - OLD.granted
    WHERE OLD.state <> 'released'
    AND user_id = OLD.user_id AND guild_id = OLD.guild_id AND slot = CAST(OLD.reserved_at AS INTEGER) / 1200;
    DELETE FROM tallies WHERE images = 0
    AND user_id = OLD.user_id AND guild_id = OLD.guild_id AND slot = CAST(OLD.reserved_at AS INTEGER) / 1200;
    INSERT INTO tallies
    SELECT NEW.user_id, NEW.guild_id, CAST(NEW.reserved_at AS INTEGER) / 1200, NEW.images, NEW.granted
    WHERE NEW.state <> 'released'
    ON CONFLICT DO UPDATE SET images = images + excluded.images, granted = granted + excluded.granted;
END;

-- jobs_on_their_way holds the same jobs.
DROP INDEX jobs_unfinished;

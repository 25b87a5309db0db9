-- Whether replies count only when their text mentions the bot.
ALTER TABLE guilds ADD COLUMN replies_by_mention INTEGER NOT NULL DEFAULT 0 CHECK (replies_by_mention IN (0, 1));

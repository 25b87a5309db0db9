-- Erases that were begun and have not ended: a stop may come between their steps.

CREATE TABLE erasing (
    user_id     INTEGER PRIMARY KEY,
    until       REAL NOT NULL   -- requests up to then go
) STRICT;

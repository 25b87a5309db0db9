-- Pictures of a set that were made messages of their own: each once, from whichever button and after any restart.

ALTER TABLE jobs ADD COLUMN picked INTEGER;  -- which picture of its parent's, from 0; -1 where that message is gone

CREATE UNIQUE INDEX jobs_picked_once ON jobs (parent_id, picked) WHERE picked >= 0;

-- Why a job ended, while its message does not say so yet: a crash may come between the two.

ALTER TABLE jobs ADD COLUMN untold TEXT;

CREATE INDEX jobs_untold ON jobs (ended_at) WHERE untold IS NOT NULL;

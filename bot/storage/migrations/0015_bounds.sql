-- Finds the words of requests that came to no picture, of which a person's newest alone are kept, and what moderators of
-- any server decided about a person.

CREATE INDEX jobs_without_a_picture ON jobs (user_id, ended_at)
WHERE state IN ('failed', 'cancelled') AND purged_at IS NULL;

CREATE INDEX blocks_of_a_person ON blocks (user_id);
CREATE INDEX rules_of_a_target ON rules (target_id);

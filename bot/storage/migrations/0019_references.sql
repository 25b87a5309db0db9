-- A job may start from several pictures: the one that is painted from at position 0, then those that are looked at.

CREATE TABLE job_starts_in_order (
    job_id      TEXT NOT NULL REFERENCES jobs (id),
    position    INTEGER NOT NULL DEFAULT 0,
    picture_id  INTEGER NOT NULL REFERENCES start_pictures (id) ON DELETE CASCADE,
    PRIMARY KEY (job_id, position)
) STRICT;

INSERT INTO job_starts_in_order (job_id, picture_id) SELECT job_id, picture_id FROM job_starts;
DROP TABLE job_starts;
ALTER TABLE job_starts_in_order RENAME TO job_starts;

CREATE INDEX job_starts_of_a_picture ON job_starts (picture_id);

CREATE TRIGGER start_pictures_go_with_their_last_job AFTER DELETE ON job_starts
WHEN NOT EXISTS (SELECT 1 FROM job_starts WHERE picture_id = OLD.picture_id)
BEGIN DELETE FROM start_pictures WHERE id = OLD.picture_id; END;

-- Pictures that someone keeps as favourites, their own and others': they go with the picture and with the person.

CREATE TABLE favourites (
    user_id  INTEGER NOT NULL,
    job_id   TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    kept_at  REAL NOT NULL,
    PRIMARY KEY (user_id, job_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX favourites_of_a_picture ON favourites (job_id);

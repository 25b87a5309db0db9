-- How many characters at the end of a picture's prompt the painter's text encoders had no room for.
ALTER TABLE jobs ADD COLUMN unread INTEGER NOT NULL DEFAULT 0 CHECK (unread >= 0);

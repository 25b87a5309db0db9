-- Which roles of a server may paint with which models and LoRAs; what no row names is everyone's.

CREATE TABLE model_rules (
    guild_id    INTEGER NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('model', 'lora')),
    name        TEXT NOT NULL,  -- with its case folded
    role_id     INTEGER NOT NULL,
    rule        TEXT NOT NULL CHECK (rule IN ('allowed', 'denied')),
    shown       TEXT NOT NULL,  -- the name as it was typed last
    PRIMARY KEY (guild_id, kind, name, role_id)
) STRICT, WITHOUT ROWID;

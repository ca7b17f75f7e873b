-- Files that WeChat keeps, so that each is uploaded once. The columns are explained in
-- docs/database.md.
CREATE TABLE IF NOT EXISTS wx_media (
    app_id      TEXT NOT NULL,
    kind        TEXT NOT NULL,
    hash        TEXT NOT NULL,
    media_id    TEXT,
    url         TEXT NOT NULL,
    uploaded_at BIGINT NOT NULL,
    replica     TEXT NOT NULL,
    tries       BIGINT NOT NULL,
    PRIMARY KEY (app_id, kind, hash)
);

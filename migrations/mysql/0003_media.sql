-- Files that WeChat keeps, so that each is uploaded once. The columns are explained in
-- docs/database.md.
-- MySQL cannot undo a half-made schema, so that every statement may be run again.
CREATE TABLE IF NOT EXISTS wx_media (
    app_id      VARCHAR(64) NOT NULL,
    kind        VARCHAR(16) NOT NULL,
    hash        VARCHAR(64) NOT NULL,
    media_id    VARCHAR(255),
    url         TEXT NOT NULL,
    uploaded_at BIGINT NOT NULL,
    replica     VARCHAR(64) NOT NULL,
    tries       BIGINT NOT NULL,
    PRIMARY KEY (app_id, kind, hash)
) ENGINE = InnoDB, CHARACTER SET utf8mb4, COLLATE utf8mb4_bin, ROW_FORMAT = DYNAMIC;

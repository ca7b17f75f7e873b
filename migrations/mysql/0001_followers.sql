-- What is stored of followers. The columns are explained in docs/database.md.
-- MySQL cannot undo a half-made schema, so that every statement may be run again.
CREATE TABLE IF NOT EXISTS wx_followers (
    openid  VARCHAR(64) NOT NULL,
    account VARCHAR(64) NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    PRIMARY KEY (openid, account)
) ENGINE = InnoDB, CHARACTER SET utf8mb4, COLLATE utf8mb4_bin, ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS wx_values (
    openid     VARCHAR(64) NOT NULL,
    account    VARCHAR(64) NOT NULL,
    name       VARCHAR(64) NOT NULL,
    value      TEXT NOT NULL,
    expires_at BIGINT,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (openid, account, name),
    INDEX wx_values_expires_at (expires_at)
) ENGINE = InnoDB, CHARACTER SET utf8mb4, COLLATE utf8mb4_bin, ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS wx_items (
    openid   VARCHAR(64) NOT NULL,
    account  VARCHAR(64) NOT NULL,
    name     VARCHAR(64) NOT NULL,
    position BIGINT NOT NULL,
    item     TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (openid, account, name, position)
) ENGINE = InnoDB, CHARACTER SET utf8mb4, COLLATE utf8mb4_bin, ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS wx_deliveries (
    openid      VARCHAR(64) NOT NULL,
    account     VARCHAR(64) NOT NULL,
    delivery    VARCHAR(64) NOT NULL,
    answer      MEDIUMTEXT NOT NULL,
    answered_at BIGINT NOT NULL,
    PRIMARY KEY (openid, account, delivery),
    INDEX wx_deliveries_answered_at (answered_at)
) ENGINE = InnoDB, CHARACTER SET utf8mb4, COLLATE utf8mb4_bin, ROW_FORMAT = DYNAMIC;

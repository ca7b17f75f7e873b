-- What services outside are asked, and what waits to be fetched. The columns are explained in
-- docs/database.md.
-- MySQL cannot undo a half-made schema, so that every statement may be run again.
CREATE TABLE IF NOT EXISTS wx_questions (
    openid     VARCHAR(64) NOT NULL,
    account    VARCHAR(64) NOT NULL,
    delivery   VARCHAR(64) NOT NULL,
    service    VARCHAR(64) NOT NULL,
    asking     VARCHAR(64),
    message    MEDIUMTEXT NOT NULL,
    asked_at   BIGINT NOT NULL,
    replica    VARCHAR(64) NOT NULL,
    tries      BIGINT NOT NULL,
    answer     MEDIUMTEXT,
    given      BIGINT NOT NULL,
    given_to   VARCHAR(64),
    given_ms   BIGINT,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (openid, account, delivery),
    -- One question at a time for each follower and service: NULL is unlike any other NULL.
    UNIQUE INDEX wx_questions_asking (openid, account, asking),
    INDEX wx_questions_expires_at (expires_at)
) ENGINE = InnoDB, CHARACTER SET utf8mb4, COLLATE utf8mb4_bin, ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS wx_arrivals (
    openid     VARCHAR(64) NOT NULL,
    account    VARCHAR(64) NOT NULL,
    delivery   VARCHAR(64) NOT NULL,
    times      BIGINT NOT NULL,
    first_ms   BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (openid, account, delivery),
    INDEX wx_arrivals_expires_at (expires_at)
) ENGINE = InnoDB, CHARACTER SET utf8mb4, COLLATE utf8mb4_bin, ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS wx_replicas (
    replica   VARCHAR(64) NOT NULL PRIMARY KEY,
    leased_ms BIGINT NOT NULL
) ENGINE = InnoDB, CHARACTER SET utf8mb4, COLLATE utf8mb4_bin, ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS wx_turns (
    openid     VARCHAR(64) NOT NULL,
    account    VARCHAR(64) NOT NULL,
    service    VARCHAR(64) NOT NULL,
    position   BIGINT NOT NULL,
    question   MEDIUMTEXT NOT NULL,
    answer     MEDIUMTEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (openid, account, service, position),
    INDEX wx_turns_expires_at (expires_at)
) ENGINE = InnoDB, CHARACTER SET utf8mb4, COLLATE utf8mb4_bin, ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS wx_counts (
    openid     VARCHAR(64) NOT NULL,
    account    VARCHAR(64) NOT NULL,
    service    VARCHAR(64) NOT NULL,
    used       BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (openid, account, service),
    INDEX wx_counts_expires_at (expires_at)
) ENGINE = InnoDB, CHARACTER SET utf8mb4, COLLATE utf8mb4_bin, ROW_FORMAT = DYNAMIC;

-- What services outside are asked, and what waits to be fetched. The columns are explained in
-- docs/database.md.
CREATE TABLE IF NOT EXISTS wx_questions (
    openid     TEXT NOT NULL,
    account    TEXT NOT NULL,
    delivery   TEXT NOT NULL,
    service    TEXT NOT NULL,
    asking     TEXT,
    message    TEXT NOT NULL,
    asked_at   BIGINT NOT NULL,
    replica    TEXT NOT NULL,
    tries      BIGINT NOT NULL,
    answer     TEXT,
    given      BIGINT NOT NULL,
    given_to   TEXT,
    given_ms   BIGINT,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (openid, account, delivery)
);

-- One question at a time for each follower and service: NULL is unlike any other NULL.
CREATE UNIQUE INDEX IF NOT EXISTS wx_questions_asking ON wx_questions (openid, account, asking);

CREATE INDEX IF NOT EXISTS wx_questions_expires_at ON wx_questions (expires_at);

CREATE TABLE IF NOT EXISTS wx_arrivals (
    openid     TEXT NOT NULL,
    account    TEXT NOT NULL,
    delivery   TEXT NOT NULL,
    times      BIGINT NOT NULL,
    first_ms   BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (openid, account, delivery)
);

CREATE INDEX IF NOT EXISTS wx_arrivals_expires_at ON wx_arrivals (expires_at);

CREATE TABLE IF NOT EXISTS wx_replicas (
    replica   TEXT NOT NULL PRIMARY KEY,
    leased_ms BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS wx_turns (
    openid     TEXT NOT NULL,
    account    TEXT NOT NULL,
    service    TEXT NOT NULL,
    position   BIGINT NOT NULL,
    question   TEXT NOT NULL,
    answer     TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (openid, account, service, position)
);

CREATE INDEX IF NOT EXISTS wx_turns_expires_at ON wx_turns (expires_at);

CREATE TABLE IF NOT EXISTS wx_counts (
    openid     TEXT NOT NULL,
    account    TEXT NOT NULL,
    service    TEXT NOT NULL,
    used       BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (openid, account, service)
);

CREATE INDEX IF NOT EXISTS wx_counts_expires_at ON wx_counts (expires_at);

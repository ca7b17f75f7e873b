-- What is stored of followers. The columns are explained in docs/database.md.
CREATE TABLE IF NOT EXISTS wx_followers (
    openid  TEXT NOT NULL,
    account TEXT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    PRIMARY KEY (openid, account)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS wx_values (
    openid     TEXT NOT NULL,
    account    TEXT NOT NULL,
    name       TEXT NOT NULL,
    value      TEXT NOT NULL,
    expires_at BIGINT,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (openid, account, name)
);

CREATE INDEX IF NOT EXISTS wx_values_expires_at ON wx_values (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE IF NOT EXISTS wx_items (
    openid   TEXT NOT NULL,
    account  TEXT NOT NULL,
    name     TEXT NOT NULL,
    position BIGINT NOT NULL,
    item     TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (openid, account, name, position)
);

CREATE TABLE IF NOT EXISTS wx_deliveries (
    openid      TEXT NOT NULL,
    account     TEXT NOT NULL,
    delivery    TEXT NOT NULL,
    answer      TEXT NOT NULL,
    answered_at BIGINT NOT NULL,
    PRIMARY KEY (openid, account, delivery)
);

CREATE INDEX IF NOT EXISTS wx_deliveries_answered_at ON wx_deliveries (answered_at);

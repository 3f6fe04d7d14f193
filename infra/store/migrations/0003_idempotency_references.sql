-- What an attempt after a crash needs to find what the one before it made; answers kept so far are given up.
DROP TABLE idempotency_keys;
CREATE TABLE idempotency_keys (
    caller TEXT NOT NULL,
    key TEXT NOT NULL,
    digest TEXT NOT NULL,
    reference TEXT NOT NULL,
    attempt TEXT NOT NULL,
    begun_at TEXT NOT NULL,
    leased_until TEXT,
    status INTEGER,
    headers TEXT,
    answer TEXT,
    PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_keys_begun ON idempotency_keys (begun_at);

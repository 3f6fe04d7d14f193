-- Tenants, their operations, what is told of them, answers kept for retries, and the audit log.
CREATE TABLE sequences (
    name TEXT PRIMARY KEY NOT NULL,
    last BIGINT NOT NULL
);
INSERT INTO sequences (name, last) VALUES ('events', 0), ('audit_log', 0);
CREATE TABLE tenants (
    id TEXT PRIMARY KEY NOT NULL,
    state TEXT NOT NULL,
    failure TEXT,
    spec TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at TEXT NOT NULL,
    changed_at TEXT NOT NULL
);
CREATE INDEX tenants_state ON tenants (state, id);
CREATE TABLE operations (
    id TEXT PRIMARY KEY NOT NULL,
    tenant TEXT NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL,
    before TEXT NOT NULL,
    stays_suspended BOOLEAN NOT NULL,
    state TEXT NOT NULL,
    steps_done INTEGER NOT NULL,
    step_begun BOOLEAN NOT NULL,
    fraction DOUBLE PRECISION NOT NULL,
    failure TEXT,
    caller TEXT NOT NULL,
    priority INTEGER NOT NULL,
    version BIGINT NOT NULL,
    created_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    ended_at TEXT
);
-- The database itself allows one operation that is not over for each tenant.
CREATE UNIQUE INDEX operations_one_for_each_tenant ON operations (tenant) WHERE ended_at IS NULL;
CREATE INDEX operations_of_tenant ON operations (tenant, id);
CREATE TABLE events (
    sequence BIGINT PRIMARY KEY NOT NULL,
    tenant TEXT NOT NULL,
    operation TEXT NOT NULL,
    name TEXT NOT NULL,
    data TEXT NOT NULL,
    at TEXT NOT NULL
);
CREATE INDEX events_of_operation ON events (operation, sequence);
CREATE TABLE deliveries (
    receiver TEXT PRIMARY KEY NOT NULL,
    sequence BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt_at TEXT NOT NULL
);
CREATE TABLE idempotency_keys (
    caller TEXT NOT NULL,
    key TEXT NOT NULL,
    digest TEXT NOT NULL,
    status INTEGER,
    answer TEXT,
    expires_at TEXT NOT NULL,
    PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);
CREATE TABLE audit_log (
    sequence BIGINT PRIMARY KEY NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX audit_log_of_subject ON audit_log (subject, sequence);

-- The durable execution of operations: whose turn it is, how far each is, and what its steps returned.
INSERT INTO sequences (name, last) VALUES ('job_tickets', 0), ('job_turns', 0);
CREATE TABLE job_tickets (
    id TEXT PRIMARY KEY NOT NULL,
    tenant TEXT NOT NULL,
    caller TEXT NOT NULL,
    kind TEXT NOT NULL,
    arguments TEXT NOT NULL,
    priority INTEGER NOT NULL,
    digest TEXT NOT NULL,
    sequence BIGINT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    turn BIGINT,
    not_before TEXT,
    rests INTEGER NOT NULL DEFAULT 0,
    step TEXT NOT NULL DEFAULT '',
    steps_done INTEGER NOT NULL DEFAULT 0,
    steps INTEGER NOT NULL DEFAULT 0,
    done INTEGER NOT NULL DEFAULT 0,
    total INTEGER NOT NULL DEFAULT 0,
    results TEXT NOT NULL DEFAULT '{}',
    cancel_requested BOOLEAN NOT NULL DEFAULT FALSE,
    failure TEXT,
    created_at TEXT NOT NULL,
    ended_at TEXT
);
CREATE INDEX job_tickets_by_status ON job_tickets (status, priority, sequence);
CREATE INDEX job_tickets_by_tenant ON job_tickets (tenant, status);
CREATE INDEX job_tickets_by_caller ON job_tickets (caller, turn);
CREATE INDEX job_tickets_by_end ON job_tickets (ended_at);

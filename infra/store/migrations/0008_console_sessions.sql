-- The console's sessions that may still be used: one is revoked by deleting its row.
CREATE TABLE console_sessions (
    id TEXT PRIMARY KEY NOT NULL,
    caller TEXT NOT NULL,
    subject TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
);
CREATE INDEX console_sessions_caller ON console_sessions (caller);
CREATE INDEX console_sessions_expires ON console_sessions (expires_at);

-- What an erasure has removed so far, and the certificates of those that ended.
CREATE TABLE erasure_journal (
    tenant TEXT NOT NULL REFERENCES tenants (id),
    sequence BIGINT NOT NULL,
    entry TEXT NOT NULL,
    PRIMARY KEY (tenant, sequence)
);
CREATE TABLE erasure_certificates (
    tenant TEXT PRIMARY KEY NOT NULL REFERENCES tenants (id),
    operation TEXT NOT NULL REFERENCES operations (id),
    document TEXT NOT NULL,
    page TEXT NOT NULL,
    at TEXT NOT NULL
);

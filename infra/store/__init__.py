"""What the provisioning service remembers, in SQLite or PostgreSQL: tenants, operations, events, answers, audit log."""

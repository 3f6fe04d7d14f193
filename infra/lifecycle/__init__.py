"""A tenant's lifecycle as data: its states, the events between them, operations, their steps, and failures. No I/O."""

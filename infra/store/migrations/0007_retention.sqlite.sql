-- Events that every receiver has been told may be deleted when they are old; no others, and none are changed.
DROP TRIGGER events_stay;
CREATE TRIGGER events_stay BEFORE DELETE ON events
    WHEN OLD.sequence > (SELECT MIN(sequence) FROM deliveries)
BEGIN SELECT RAISE(ABORT, 'events is append-only: a receiver has not been told'); END;

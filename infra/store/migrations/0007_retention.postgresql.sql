-- Events that every receiver has been told may be deleted when they are old; no others, and none are changed.
DROP TRIGGER events_keep ON events;
CREATE TRIGGER events_keep BEFORE UPDATE OR TRUNCATE ON events EXECUTE FUNCTION refuse_change();
CREATE FUNCTION refuse_untold() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.sequence > (SELECT MIN(sequence) FROM deliveries) THEN
            RAISE EXCEPTION USING MESSAGE = 'events is append-only: a receiver has not been told',
                ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN OLD;
    END
$$;
CREATE TRIGGER events_stay BEFORE DELETE ON events FOR EACH ROW EXECUTE FUNCTION refuse_untold();

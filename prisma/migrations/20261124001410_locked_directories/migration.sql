-- Locks a directory until the transaction ends, and gives the version of its schemas; NULL where there is none of this id.
-- One call of the service instead of two: what was committed before the lock was free is seen, since each statement of a
-- function that is volatile looks anew.
CREATE FUNCTION "lock_directory"(directory uuid, is_exclusive boolean) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF is_exclusive THEN
    PERFORM pg_advisory_xact_lock(hashtextextended(directory::text, 0));
  ELSE
    PERFORM pg_advisory_xact_lock_shared(hashtextextended(directory::text, 0));
  END IF;
  RETURN (SELECT d.schemas_version FROM directories d WHERE d.id = directory);
END $$;

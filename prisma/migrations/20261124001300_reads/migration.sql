-- How many users and groups each directory has: the sum of differences. Whoever adds or removes a resource adds a row, so
-- that no write waits for another; a row among many puts those that are there into one.
CREATE TABLE "resource_counts" (
    "directory_id" UUID NOT NULL,
    "resource_type" TEXT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "difference" BIGINT NOT NULL,

    CONSTRAINT "resource_counts_pkey" PRIMARY KEY ("directory_id","resource_type","id")
);

-- AddForeignKey
ALTER TABLE "resource_counts" ADD CONSTRAINT "resource_counts_directory_id_fkey" FOREIGN KEY ("directory_id") REFERENCES "directories"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What the statement changed is in "changed"; the arguments are the type of its rows, and what each of them counts.
CREATE FUNCTION "count_resources"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  counted record;
BEGIN
  -- of a directory that goes with its resources nothing is counted
  FOR counted IN
    INSERT INTO resource_counts (directory_id, resource_type, difference)
    SELECT d.id, TG_ARGV[0], c.number * TG_ARGV[1]::bigint
    FROM (SELECT directory_id, count(*) AS number FROM changed GROUP BY directory_id) c
    JOIN directories d ON d.id = c.directory_id
    RETURNING directory_id, id
  LOOP
    CONTINUE WHEN counted.id % 32 <> 0;
    -- rows that somebody else is putting together are left to them
    WITH found AS (
      SELECT id FROM resource_counts WHERE directory_id = counted.directory_id AND resource_type = TG_ARGV[0]
      FOR UPDATE SKIP LOCKED
    ), gone AS (
      DELETE FROM resource_counts r USING found
      WHERE r.directory_id = counted.directory_id AND r.resource_type = TG_ARGV[0] AND r.id = found.id
      RETURNING r.difference
    )
    INSERT INTO resource_counts (directory_id, resource_type, difference)
    SELECT counted.directory_id, TG_ARGV[0], sum(difference) FROM gone;
  END LOOP;
  RETURN NULL;
END $$;

CREATE TRIGGER "users_inserted" AFTER INSERT ON "users" REFERENCING NEW TABLE AS "changed"
  FOR EACH STATEMENT EXECUTE FUNCTION "count_resources"('User', '1');
CREATE TRIGGER "users_deleted" AFTER DELETE ON "users" REFERENCING OLD TABLE AS "changed"
  FOR EACH STATEMENT EXECUTE FUNCTION "count_resources"('User', '-1');
CREATE TRIGGER "groups_inserted" AFTER INSERT ON "groups" REFERENCING NEW TABLE AS "changed"
  FOR EACH STATEMENT EXECUTE FUNCTION "count_resources"('Group', '1');
CREATE TRIGGER "groups_deleted" AFTER DELETE ON "groups" REFERENCING OLD TABLE AS "changed"
  FOR EACH STATEMENT EXECUTE FUNCTION "count_resources"('Group', '-1');

INSERT INTO "resource_counts" ("directory_id", "resource_type", "difference")
SELECT "directory_id", 'User', count(*) FROM "users" GROUP BY "directory_id"
UNION ALL
SELECT "directory_id", 'Group', count(*) FROM "groups" GROUP BY "directory_id";

-- The groups of a user where groups are nested, direct and through others, as a JSON list. As a function, because a
-- statement that holds a recursion pays for it also where nothing is nested; and in PL/pgSQL, whose functions PostgreSQL
-- does not read again for each plan. It is planned once: to plan it takes ten times as long as to run it. Parents and names
-- are looked up one by one: as joins PostgreSQL read all groups for each user.
CREATE FUNCTION "nested_groups_of"(directory uuid, person uuid) RETURNS json LANGUAGE plpgsql STABLE PARALLEL SAFE
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  RETURN (
    WITH RECURSIVE up(group_id, is_direct) AS (
      SELECT m.group_id, true FROM user_memberships m WHERE m.directory_id = directory AND m.user_id = person
      UNION
      SELECT parent.group_id, false FROM up CROSS JOIN LATERAL (
        SELECT m.group_id FROM group_memberships m
        WHERE m.directory_id = directory AND m.member_group_id = up.group_id OFFSET 0) parent
    ), found AS (
      SELECT up.group_id, bool_or(up.is_direct) AS is_direct FROM up GROUP BY up.group_id
    )
    SELECT json_agg(json_build_object(
      'value', found.group_id,
      'display', (SELECT g.display_name FROM groups g WHERE g.directory_id = directory AND g.id = found.group_id),
      'type', CASE WHEN found.is_direct THEN 'direct' ELSE 'indirect' END) ORDER BY found.group_id)
    FROM found);
END $$;

-- CreateTable
CREATE TABLE "settings_versions" (
    "organization_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "saved_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" JSONB NOT NULL,
    "settings" JSONB NOT NULL,

    CONSTRAINT "settings_versions_pkey" PRIMARY KEY ("organization_id","version")
);

-- AddForeignKey
ALTER TABLE "settings_versions" ADD CONSTRAINT "settings_versions_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What each organization has now is the first that is kept; the last event of its settings tells when it came and by whom.
INSERT INTO "settings_versions" ("organization_id", "version", "saved_at", "actor", "settings")
SELECT o."id", o."settings_version", coalesce(e."time", o."created_at"), coalesce(e."actor", '{"kind": "system"}'),
  jsonb_build_object('mode', o."mode", 'groupMappings', o."group_mappings", 'mappings', coalesce((
    SELECT jsonb_agg(jsonb_build_object('groupId', m."group_id", 'groupName', g."display_name", 'role', m."role",
      'seatType', m."seat_type") ORDER BY m."id")
    FROM "mappings" m JOIN "groups" g ON g."directory_id" = m."directory_id" AND g."id" = m."group_id"
    WHERE m."organization_id" = o."id"), '[]'))
FROM "organizations" o LEFT JOIN LATERAL (
  SELECT "time", "actor" FROM "events" WHERE "organization_id" = o."id"
    AND "type" IN ('organization.created', 'settings.saved', 'settings.mappings_dropped')
  ORDER BY "seq" DESC LIMIT 1) e ON true;

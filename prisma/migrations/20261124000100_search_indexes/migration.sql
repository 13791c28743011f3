-- Part of every PostgreSQL, and trusted: whoever owns the database may add it.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- By code points, which is the order of the protocol's lists (src/scim/sort.ts), so that the unique indexes have it.
ALTER TABLE "users" ALTER COLUMN "user_name_key" SET DATA TYPE TEXT COLLATE "C";
ALTER TABLE "groups" ALTER COLUMN "display_name_key" SET DATA TYPE TEXT COLLATE "C";

-- CreateIndex
CREATE INDEX "users_directory_id_created_at_id_idx" ON "users"("directory_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "users_directory_id_last_modified_id_idx" ON "users"("directory_id", "last_modified", "id");

-- CreateIndex
CREATE INDEX "users_directory_id_version_idx" ON "users"("directory_id", "version");

-- CreateIndex
CREATE INDEX "users_user_name_key_idx" ON "users" USING GIN ("user_name_key" gin_trgm_ops);

-- CreateIndex
CREATE INDEX "groups_directory_id_created_at_id_idx" ON "groups"("directory_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "groups_directory_id_last_modified_id_idx" ON "groups"("directory_id", "last_modified", "id");

-- CreateIndex
CREATE INDEX "groups_directory_id_version_idx" ON "groups"("directory_id", "version");

-- CreateIndex
CREATE INDEX "groups_display_name_key_idx" ON "groups" USING GIN ("display_name_key" gin_trgm_ops);

-- What Prisma's schema language cannot say: indexes on expressions. Those of src/store/filter-sql-trigram.ts.
CREATE INDEX "users_display_name_idx" ON "users" USING GIN (("search" ->> 'displayName') gin_trgm_ops);
CREATE INDEX "users_emails_idx" ON "users" USING GIN ((jsonb_path_query_array("search", '$.emails[*].value')::text) gin_trgm_ops);

-- No pending list: after many writes it made the planner prefer to read the whole table until a vacuum.
ALTER INDEX "users_user_name_key_idx" SET (fastupdate = off);
ALTER INDEX "users_display_name_idx" SET (fastupdate = off);
ALTER INDEX "users_emails_idx" SET (fastupdate = off);
ALTER INDEX "groups_display_name_key_idx" SET (fastupdate = off);

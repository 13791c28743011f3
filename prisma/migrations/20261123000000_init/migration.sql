-- CreateTable
CREATE TABLE "parent_organizations" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "plan" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "parent_organizations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "directories" (
    "id" UUID NOT NULL,
    "parent_organization_id" UUID NOT NULL,
    "unknown_members" TEXT NOT NULL DEFAULT 'refuse',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "directories_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "directory_tokens" (
    "id" UUID NOT NULL,
    "directory_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "directory_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "admin_tokens" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "admin_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "users" (
    "directory_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "user_name" TEXT NOT NULL,
    "user_name_key" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "email_key" TEXT NOT NULL,
    "active" BOOLEAN NOT NULL,
    "resource" JSONB NOT NULL,
    "search" JSONB NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "last_modified" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "users_pkey" PRIMARY KEY ("directory_id","id")
);

-- CreateTable
CREATE TABLE "groups" (
    "directory_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "display_name" TEXT NOT NULL,
    "display_name_key" TEXT NOT NULL,
    "resource" JSONB NOT NULL,
    "search" JSONB NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "last_modified" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "groups_pkey" PRIMARY KEY ("directory_id","id")
);

-- CreateTable
CREATE TABLE "user_memberships" (
    "directory_id" UUID NOT NULL,
    "group_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,

    CONSTRAINT "user_memberships_pkey" PRIMARY KEY ("directory_id","group_id","user_id")
);

-- CreateTable
CREATE TABLE "group_memberships" (
    "directory_id" UUID NOT NULL,
    "group_id" UUID NOT NULL,
    "member_group_id" UUID NOT NULL,

    CONSTRAINT "group_memberships_pkey" PRIMARY KEY ("directory_id","group_id","member_group_id")
);

-- CreateTable
CREATE TABLE "tolerance_counts" (
    "directory_id" UUID NOT NULL,
    "tolerance" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "count" BIGINT NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "tolerance_counts_pkey" PRIMARY KEY ("directory_id","tolerance","subject")
);

-- CreateTable
CREATE TABLE "organizations" (
    "id" UUID NOT NULL,
    "parent_organization_id" UUID NOT NULL,
    "directory_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "plan" TEXT NOT NULL,
    "mode" TEXT NOT NULL DEFAULT 'manual',
    "group_mappings" BOOLEAN NOT NULL DEFAULT false,
    "settings_version" INTEGER NOT NULL DEFAULT 1,
    "primary_owner_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "organizations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "mappings" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "directory_id" UUID NOT NULL,
    "group_id" UUID NOT NULL,
    "role" TEXT,
    "seat_type" TEXT,

    CONSTRAINT "mappings_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "seats" (
    "organization_id" UUID NOT NULL,
    "seat_type" TEXT NOT NULL,
    "purchased" INTEGER,
    "assigned" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "seats_pkey" PRIMARY KEY ("organization_id","seat_type")
);

-- CreateTable
CREATE TABLE "members" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "directory_id" UUID NOT NULL,
    "user_id" UUID,
    "email" TEXT NOT NULL,
    "email_key" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "role" TEXT,
    "seat_type" TEXT,
    "source" TEXT NOT NULL,
    "since" TIMESTAMPTZ(3),
    "wanted_seat" TEXT,
    "waiting_since" TIMESTAMPTZ(6),
    "removed_at" TIMESTAMPTZ(3),
    "excluded" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "members_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "events" (
    "seq" BIGSERIAL NOT NULL,
    "transaction_id" BIGINT NOT NULL DEFAULT ((pg_current_xact_id())::text)::bigint,
    "time" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "directory_id" UUID,
    "organization_id" UUID,
    "type" TEXT NOT NULL,
    "subject_id" UUID NOT NULL,
    "actor" JSONB NOT NULL,
    "data" JSONB NOT NULL,

    CONSTRAINT "events_pkey" PRIMARY KEY ("seq")
);

-- CreateIndex
CREATE UNIQUE INDEX "directories_parent_organization_id_key" ON "directories"("parent_organization_id");

-- CreateIndex
CREATE UNIQUE INDEX "directories_parent_organization_id_id_key" ON "directories"("parent_organization_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "directory_tokens_hash_key" ON "directory_tokens"("hash");

-- CreateIndex
CREATE INDEX "directory_tokens_directory_id_idx" ON "directory_tokens"("directory_id");

-- CreateIndex
CREATE UNIQUE INDEX "admin_tokens_hash_key" ON "admin_tokens"("hash");

-- CreateIndex
CREATE INDEX "users_directory_id_email_key_idx" ON "users"("directory_id", "email_key");

-- CreateIndex
CREATE INDEX "users_search_idx" ON "users" USING GIN ("search" jsonb_path_ops);

-- CreateIndex
CREATE UNIQUE INDEX "users_directory_id_user_name_key_key" ON "users"("directory_id", "user_name_key");

-- CreateIndex
CREATE INDEX "groups_search_idx" ON "groups" USING GIN ("search" jsonb_path_ops);

-- CreateIndex
CREATE UNIQUE INDEX "groups_directory_id_display_name_key_key" ON "groups"("directory_id", "display_name_key");

-- CreateIndex
CREATE INDEX "user_memberships_directory_id_user_id_idx" ON "user_memberships"("directory_id", "user_id");

-- CreateIndex
CREATE INDEX "group_memberships_directory_id_member_group_id_idx" ON "group_memberships"("directory_id", "member_group_id");

-- CreateIndex
CREATE INDEX "organizations_parent_organization_id_idx" ON "organizations"("parent_organization_id");

-- CreateIndex
CREATE UNIQUE INDEX "organizations_directory_id_id_key" ON "organizations"("directory_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "organizations_id_primary_owner_id_key" ON "organizations"("id", "primary_owner_id");

-- CreateIndex
CREATE INDEX "mappings_directory_id_group_id_idx" ON "mappings"("directory_id", "group_id");

-- CreateIndex
CREATE UNIQUE INDEX "mappings_organization_id_group_id_role_key" ON "mappings"("organization_id", "group_id", "role");

-- CreateIndex
CREATE UNIQUE INDEX "mappings_organization_id_group_id_seat_type_key" ON "mappings"("organization_id", "group_id", "seat_type");

-- CreateIndex
CREATE INDEX "members_organization_id_email_key_idx" ON "members"("organization_id", "email_key");

-- CreateIndex
CREATE INDEX "members_organization_id_wanted_seat_waiting_since_idx" ON "members"("organization_id", "wanted_seat", "waiting_since");

-- CreateIndex
CREATE INDEX "members_directory_id_user_id_idx" ON "members"("directory_id", "user_id");

-- CreateIndex
CREATE UNIQUE INDEX "members_organization_id_user_id_key" ON "members"("organization_id", "user_id");

-- CreateIndex
CREATE INDEX "events_directory_id_seq_idx" ON "events"("directory_id", "seq");

-- CreateIndex
CREATE INDEX "events_organization_id_seq_idx" ON "events"("organization_id", "seq");

-- AddForeignKey
ALTER TABLE "directories" ADD CONSTRAINT "directories_parent_organization_id_fkey" FOREIGN KEY ("parent_organization_id") REFERENCES "parent_organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "directory_tokens" ADD CONSTRAINT "directory_tokens_directory_id_fkey" FOREIGN KEY ("directory_id") REFERENCES "directories"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "users" ADD CONSTRAINT "users_directory_id_fkey" FOREIGN KEY ("directory_id") REFERENCES "directories"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "groups" ADD CONSTRAINT "groups_directory_id_fkey" FOREIGN KEY ("directory_id") REFERENCES "directories"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "user_memberships" ADD CONSTRAINT "user_memberships_directory_id_group_id_fkey" FOREIGN KEY ("directory_id", "group_id") REFERENCES "groups"("directory_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "user_memberships" ADD CONSTRAINT "user_memberships_directory_id_user_id_fkey" FOREIGN KEY ("directory_id", "user_id") REFERENCES "users"("directory_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "group_memberships" ADD CONSTRAINT "group_memberships_directory_id_group_id_fkey" FOREIGN KEY ("directory_id", "group_id") REFERENCES "groups"("directory_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "group_memberships" ADD CONSTRAINT "group_memberships_directory_id_member_group_id_fkey" FOREIGN KEY ("directory_id", "member_group_id") REFERENCES "groups"("directory_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tolerance_counts" ADD CONSTRAINT "tolerance_counts_directory_id_fkey" FOREIGN KEY ("directory_id") REFERENCES "directories"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "organizations" ADD CONSTRAINT "organizations_parent_organization_id_fkey" FOREIGN KEY ("parent_organization_id") REFERENCES "parent_organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "organizations" ADD CONSTRAINT "organizations_parent_organization_id_directory_id_fkey" FOREIGN KEY ("parent_organization_id", "directory_id") REFERENCES "directories"("parent_organization_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "organizations" ADD CONSTRAINT "organizations_id_primary_owner_id_fkey" FOREIGN KEY ("id", "primary_owner_id") REFERENCES "members"("organization_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "mappings" ADD CONSTRAINT "mappings_directory_id_organization_id_fkey" FOREIGN KEY ("directory_id", "organization_id") REFERENCES "organizations"("directory_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mappings" ADD CONSTRAINT "mappings_directory_id_group_id_fkey" FOREIGN KEY ("directory_id", "group_id") REFERENCES "groups"("directory_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "seats" ADD CONSTRAINT "seats_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "members" ADD CONSTRAINT "members_directory_id_organization_id_fkey" FOREIGN KEY ("directory_id", "organization_id") REFERENCES "organizations"("directory_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "members" ADD CONSTRAINT "members_directory_id_user_id_fkey" FOREIGN KEY ("directory_id", "user_id") REFERENCES "users"("directory_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- What Prisma's schema language cannot say: the rules that a row must keep by itself.
ALTER TABLE "parent_organizations" ADD CONSTRAINT "parent_organizations_plan_check" CHECK ("plan" IN ('team', 'enterprise', 'none'));
ALTER TABLE "directories" ADD CONSTRAINT "directories_unknown_members_check" CHECK ("unknown_members" IN ('refuse', 'skip'));
ALTER TABLE "organizations" ADD CONSTRAINT "organizations_mode_check" CHECK ("mode" IN ('manual', 'jit', 'scim'));
ALTER TABLE "mappings" ADD CONSTRAINT "mappings_target_check" CHECK (num_nonnulls("role", "seat_type") = 1);
ALTER TABLE "seats" ADD CONSTRAINT "seats_count_check" CHECK ("assigned" >= 0 AND "purchased" >= 0);
ALTER TABLE "members" ADD CONSTRAINT "members_status_check" CHECK (
  ("status" = 'active' AND "role" IS NOT NULL AND "since" IS NOT NULL AND "removed_at" IS NULL)
  OR ("status" = 'waiting' AND "seat_type" IS NULL AND "wanted_seat" IS NOT NULL AND "removed_at" IS NULL)
  OR ("status" = 'removed' AND "seat_type" IS NULL AND "wanted_seat" IS NULL AND "removed_at" IS NOT NULL)
);
ALTER TABLE "members" ADD CONSTRAINT "members_waiting_check" CHECK (("wanted_seat" IS NULL) = ("waiting_since" IS NULL));
ALTER TABLE "members" ADD CONSTRAINT "members_source_check" CHECK ("source" IN ('manual', 'jit', 'scim'));

-- No pending list: after many writes it made the planner prefer to read the whole table until a vacuum.
ALTER INDEX "users_search_idx" SET (fastupdate = off);
ALTER INDEX "groups_search_idx" SET (fastupdate = off);

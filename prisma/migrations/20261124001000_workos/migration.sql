-- CreateTable
CREATE TABLE "workos_connections" (
    "id" UUID NOT NULL,
    "directory_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "workos_directory_id" TEXT,
    "activated_stamp" TEXT COLLATE "C",
    "deleted_stamp" TEXT COLLATE "C",
    "last_event_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "workos_connections_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "workos_secrets" (
    "directory_id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "secret" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "workos_secrets_pkey" PRIMARY KEY ("directory_id","connection_id","id")
);

-- CreateTable
CREATE TABLE "workos_objects" (
    "directory_id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "resource_type" TEXT NOT NULL,
    "workos_id" TEXT NOT NULL,
    "stamp" TEXT COLLATE "C",
    "deleted_stamp" TEXT COLLATE "C",
    "born" TEXT COLLATE "C",
    "name_key" TEXT,
    "resource" JSONB,

    CONSTRAINT "workos_objects_pkey" PRIMARY KEY ("directory_id","connection_id","resource_type","workos_id")
);

-- CreateTable
CREATE TABLE "workos_links" (
    "directory_id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "resource_type" TEXT NOT NULL,
    "workos_id" TEXT NOT NULL,
    "user_id" UUID,
    "group_id" UUID,

    CONSTRAINT "workos_links_pkey" PRIMARY KEY ("directory_id","connection_id","resource_type","workos_id")
);

-- CreateTable
CREATE TABLE "workos_memberships" (
    "directory_id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "workos_group_id" TEXT NOT NULL,
    "workos_user_id" TEXT NOT NULL,
    "is_member" BOOLEAN NOT NULL,
    "stamp" TEXT COLLATE "C" NOT NULL,

    CONSTRAINT "workos_memberships_pkey" PRIMARY KEY ("directory_id","connection_id","workos_group_id","workos_user_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "workos_connections_directory_id_id_key" ON "workos_connections"("directory_id", "id");

-- CreateIndex
CREATE INDEX "workos_objects_directory_id_resource_type_name_key_idx" ON "workos_objects"("directory_id", "resource_type", "name_key");

-- CreateIndex
CREATE UNIQUE INDEX "workos_links_directory_id_user_id_key" ON "workos_links"("directory_id", "user_id");

-- CreateIndex
CREATE UNIQUE INDEX "workos_links_directory_id_group_id_key" ON "workos_links"("directory_id", "group_id");

-- CreateIndex
CREATE INDEX "workos_memberships_directory_id_connection_id_workos_user_i_idx" ON "workos_memberships"("directory_id", "connection_id", "workos_user_id");

-- AddForeignKey
ALTER TABLE "workos_connections" ADD CONSTRAINT "workos_connections_directory_id_fkey" FOREIGN KEY ("directory_id") REFERENCES "directories"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "workos_secrets" ADD CONSTRAINT "workos_secrets_directory_id_connection_id_fkey" FOREIGN KEY ("directory_id", "connection_id") REFERENCES "workos_connections"("directory_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "workos_objects" ADD CONSTRAINT "workos_objects_directory_id_connection_id_fkey" FOREIGN KEY ("directory_id", "connection_id") REFERENCES "workos_connections"("directory_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "workos_links" ADD CONSTRAINT "workos_links_directory_id_connection_id_resource_type_work_fkey" FOREIGN KEY ("directory_id", "connection_id", "resource_type", "workos_id") REFERENCES "workos_objects"("directory_id", "connection_id", "resource_type", "workos_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "workos_links" ADD CONSTRAINT "workos_links_directory_id_user_id_fkey" FOREIGN KEY ("directory_id", "user_id") REFERENCES "users"("directory_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "workos_links" ADD CONSTRAINT "workos_links_directory_id_group_id_fkey" FOREIGN KEY ("directory_id", "group_id") REFERENCES "groups"("directory_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "workos_memberships" ADD CONSTRAINT "workos_memberships_directory_id_connection_id_fkey" FOREIGN KEY ("directory_id", "connection_id") REFERENCES "workos_connections"("directory_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What Prisma's schema language cannot say. Stamps compare by their code points, whatever the database's collation.
ALTER TABLE "workos_objects" ADD CONSTRAINT "workos_objects_resource_type_check" CHECK ("resource_type" IN ('User', 'Group'));
ALTER TABLE "workos_objects" ADD CONSTRAINT "workos_objects_known_check" CHECK (num_nonnulls("stamp", "deleted_stamp") > 0);
ALTER TABLE "workos_objects" ADD CONSTRAINT "workos_objects_gone_check" CHECK (("name_key" IS NULL) = ("resource" IS NULL));
ALTER TABLE "workos_links" ADD CONSTRAINT "workos_links_resource_check" CHECK (
  CASE "resource_type" WHEN 'User' THEN "user_id" IS NOT NULL AND "group_id" IS NULL
    ELSE "group_id" IS NOT NULL AND "user_id" IS NULL END);

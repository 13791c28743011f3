-- AlterTable
ALTER TABLE "directories" ADD COLUMN     "schemas_version" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "extension_schemas" (
    "directory_id" UUID NOT NULL,
    "urn_key" TEXT NOT NULL,
    "resource_type" TEXT NOT NULL,
    "required" BOOLEAN NOT NULL,
    "schema" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "extension_schemas_pkey" PRIMARY KEY ("directory_id","urn_key")
);

-- CreateTable
CREATE TABLE "unique_values" (
    "directory_id" UUID NOT NULL,
    "attribute" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "user_id" UUID,
    "group_id" UUID,

    CONSTRAINT "unique_values_pkey" PRIMARY KEY ("directory_id","attribute","value")
);

-- CreateIndex
CREATE INDEX "unique_values_directory_id_user_id_idx" ON "unique_values"("directory_id", "user_id");

-- CreateIndex
CREATE INDEX "unique_values_directory_id_group_id_idx" ON "unique_values"("directory_id", "group_id");

-- AddForeignKey
ALTER TABLE "extension_schemas" ADD CONSTRAINT "extension_schemas_directory_id_fkey" FOREIGN KEY ("directory_id") REFERENCES "directories"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "unique_values" ADD CONSTRAINT "unique_values_directory_id_user_id_fkey" FOREIGN KEY ("directory_id", "user_id") REFERENCES "users"("directory_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "unique_values" ADD CONSTRAINT "unique_values_directory_id_group_id_fkey" FOREIGN KEY ("directory_id", "group_id") REFERENCES "groups"("directory_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What Prisma's schema language cannot say.
ALTER TABLE "extension_schemas" ADD CONSTRAINT "extension_schemas_resource_type_check" CHECK ("resource_type" IN ('User', 'Group'));
ALTER TABLE "unique_values" ADD CONSTRAINT "unique_values_owner_check" CHECK (num_nonnulls("user_id", "group_id") = 1);

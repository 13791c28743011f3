-- AlterTable
ALTER TABLE "organizations" ADD COLUMN     "brake_max_removals" INTEGER,
ADD COLUMN     "brake_max_removed_percent" INTEGER,
ADD COLUMN     "brake_within_minutes" INTEGER;

-- AlterTable
ALTER TABLE "members" ADD COLUMN     "removal" TEXT,
ADD COLUMN     "removal_since" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "pushed_removals" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "removed_at" TIMESTAMPTZ(3) NOT NULL,
    "members" INTEGER NOT NULL,

    CONSTRAINT "pushed_removals_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateIndex
CREATE INDEX "pushed_removals_organization_id_removed_at_idx" ON "pushed_removals"("organization_id", "removed_at");

-- CreateIndex
CREATE INDEX "members_organization_id_removal_id_idx" ON "members"("organization_id", "removal", "id");

-- AddForeignKey
ALTER TABLE "pushed_removals" ADD CONSTRAINT "pushed_removals_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What Prisma's schema language cannot say: the rules that a row must keep by itself.
ALTER TABLE "organizations" ADD CONSTRAINT "organizations_brake_check" CHECK (
    ("brake_within_minutes" IS NULL) = ("brake_max_removals" IS NULL AND "brake_max_removed_percent" IS NULL));
ALTER TABLE "members" ADD CONSTRAINT "members_removal_check" CHECK (
    ("removal" IS NULL) = ("removal_since" IS NULL)
    AND ("removal" IS NULL OR ("status" = 'active' AND "removal" IN ('held', 'discarded'))));

-- AlterTable
ALTER TABLE "directories" ADD COLUMN     "checked_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "sync_runs" (
    "organization_id" UUID NOT NULL,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "origin" TEXT,
    "actor" JSONB,
    "counts" JSONB,
    "mended" JSONB,
    "failed_at" TIMESTAMPTZ(3),
    "failure" TEXT,

    CONSTRAINT "sync_runs_pkey" PRIMARY KEY ("organization_id")
);

-- AddForeignKey
ALTER TABLE "sync_runs" ADD CONSTRAINT "sync_runs_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What Prisma's schema language cannot say: a run is there whole or not at all, and so is a failure.
ALTER TABLE "sync_runs" ADD CONSTRAINT "sync_runs_whole_check" CHECK (
  num_nulls("started_at", "finished_at", "origin", "actor", "counts", "mended") IN (0, 6)
  AND num_nulls("failed_at", "failure") IN (0, 2)
);
ALTER TABLE "sync_runs" ADD CONSTRAINT "sync_runs_origin_check" CHECK ("origin" IN ('request', 'cycle'));

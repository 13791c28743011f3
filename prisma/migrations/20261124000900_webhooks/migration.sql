-- CreateTable
CREATE TABLE "webhook_endpoints" (
    "id" UUID NOT NULL,
    "directory_id" UUID,
    "organization_id" UUID,
    "url" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "types" TEXT[],
    "enabled" BOOLEAN NOT NULL,
    "disabled_reason" TEXT,
    "secret" TEXT NOT NULL,
    "previous_secret" TEXT,
    "previous_secret_expires_at" TIMESTAMPTZ(3),
    "cursor" BIGINT NOT NULL,
    "last_success_at" TIMESTAMPTZ(3),
    "last_failure_at" TIMESTAMPTZ(3),
    "consecutive_failures" INTEGER NOT NULL DEFAULT 0,
    "failing_since" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "webhook_endpoints_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_deliveries" (
    "endpoint_id" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "time" TIMESTAMPTZ(3) NOT NULL,
    "directory_id" UUID,
    "organization_id" UUID,
    "type" TEXT NOT NULL,
    "subject_id" UUID NOT NULL,
    "actor" JSONB NOT NULL,
    "data" JSONB NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3),
    "last_attempt_at" TIMESTAMPTZ(3),
    "last_status" INTEGER,
    "last_error" TEXT,
    "settled_at" TIMESTAMPTZ(3),

    CONSTRAINT "webhook_deliveries_pkey" PRIMARY KEY ("endpoint_id","seq")
);

-- CreateIndex
CREATE INDEX "webhook_endpoints_directory_id_organization_id_idx" ON "webhook_endpoints"("directory_id", "organization_id");

-- CreateIndex
CREATE INDEX "webhook_deliveries_settled_at_idx" ON "webhook_deliveries"("settled_at");

-- AddForeignKey
ALTER TABLE "webhook_endpoints" ADD CONSTRAINT "webhook_endpoints_directory_id_fkey" FOREIGN KEY ("directory_id") REFERENCES "directories"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_endpoints" ADD CONSTRAINT "webhook_endpoints_directory_id_organization_id_fkey" FOREIGN KEY ("directory_id", "organization_id") REFERENCES "organizations"("directory_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_endpoint_id_fkey" FOREIGN KEY ("endpoint_id") REFERENCES "webhook_endpoints"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What Prisma's schema language cannot say: the rules that a row must keep by itself.
ALTER TABLE "webhook_endpoints" ADD CONSTRAINT "webhook_endpoints_scope_check" CHECK ("organization_id" IS NULL OR "directory_id" IS NOT NULL);
ALTER TABLE "webhook_endpoints" ADD CONSTRAINT "webhook_endpoints_types_check" CHECK ("types" IS NOT NULL);
ALTER TABLE "webhook_endpoints" ADD CONSTRAINT "webhook_endpoints_disabled_check" CHECK (NOT "enabled" OR "disabled_reason" IS NULL);
ALTER TABLE "webhook_endpoints" ADD CONSTRAINT "webhook_endpoints_disabled_reason_check" CHECK ("disabled_reason" IN ('gone', 'failing'));
ALTER TABLE "webhook_endpoints" ADD CONSTRAINT "webhook_endpoints_previous_secret_check" CHECK (("previous_secret" IS NULL) = ("previous_secret_expires_at" IS NULL));
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_state_check" CHECK (
  ("state" = 'pending' AND "settled_at" IS NULL)
  OR ("state" IN ('delivered', 'dead') AND "settled_at" IS NOT NULL AND "next_attempt_at" IS NULL)
);

-- In order per subject (A3): of each subject one delivery at a time is due or on its way.
CREATE UNIQUE INDEX "webhook_deliveries_turn_idx" ON "webhook_deliveries"("endpoint_id", "subject_id") WHERE "next_attempt_at" IS NOT NULL;

-- What is due.
CREATE INDEX "webhook_deliveries_due_idx" ON "webhook_deliveries"("endpoint_id", "next_attempt_at") WHERE "next_attempt_at" IS NOT NULL;

-- Whose turn is next, and how many wait.
CREATE INDEX "webhook_deliveries_pending_idx" ON "webhook_deliveries"("endpoint_id", "subject_id", "seq") WHERE "state" = 'pending';

-- Dead letters.
CREATE INDEX "webhook_deliveries_dead_idx" ON "webhook_deliveries"("endpoint_id", "seq") WHERE "state" = 'dead';

-- DropIndex
DROP INDEX "organizations_parent_organization_id_idx";

-- AlterTable
ALTER TABLE "admin_tokens" ADD COLUMN     "access" TEXT NOT NULL DEFAULT 'read_write',
ADD COLUMN     "last_used_at" TIMESTAMPTZ(3),
ADD COLUMN     "organization_id" UUID,
ADD COLUMN     "parent_organization_id" UUID;

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "admin_token_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "request" TEXT NOT NULL,
    "attempt" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "claimed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "carried_out" BOOLEAN NOT NULL DEFAULT false,
    "answer" TEXT,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("admin_token_id","key")
);

-- CreateIndex
CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys"("created_at");

-- CreateIndex
CREATE INDEX "admin_tokens_parent_organization_id_organization_id_idx" ON "admin_tokens"("parent_organization_id", "organization_id");

-- CreateIndex
CREATE UNIQUE INDEX "organizations_parent_organization_id_id_key" ON "organizations"("parent_organization_id", "id");

-- AddForeignKey
ALTER TABLE "admin_tokens" ADD CONSTRAINT "admin_tokens_parent_organization_id_fkey" FOREIGN KEY ("parent_organization_id") REFERENCES "parent_organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "admin_tokens" ADD CONSTRAINT "admin_tokens_parent_organization_id_organization_id_fkey" FOREIGN KEY ("parent_organization_id", "organization_id") REFERENCES "organizations"("parent_organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_admin_token_id_fkey" FOREIGN KEY ("admin_token_id") REFERENCES "admin_tokens"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What Prisma's schema language cannot say.
ALTER TABLE "admin_tokens" ADD CONSTRAINT "admin_tokens_access_check" CHECK ("access" IN ('read_only', 'read_write', 'sign_in'));
-- without its parent an organization's token would be one of all
ALTER TABLE "admin_tokens" ADD CONSTRAINT "admin_tokens_scope_check" CHECK ("organization_id" IS NULL OR "parent_organization_id" IS NOT NULL);

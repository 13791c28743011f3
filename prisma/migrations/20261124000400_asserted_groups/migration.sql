-- AlterTable
ALTER TABLE "members" ADD COLUMN     "asserted_group_ids" UUID[];

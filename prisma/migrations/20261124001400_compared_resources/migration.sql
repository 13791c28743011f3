-- Up to which transaction the resources of a directory were compared with what is kept beside them, and as what.
ALTER TABLE "directories" ADD COLUMN     "compared_before" BIGINT,
ADD COLUMN     "compared_as" TEXT;

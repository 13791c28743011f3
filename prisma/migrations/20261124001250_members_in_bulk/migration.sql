-- Hardly anybody waits, or has a removal held: nobody else needs a place in these indexes, which Prisma's schema cannot say.
DROP INDEX "members_organization_id_wanted_seat_waiting_since_idx";
DROP INDEX "members_organization_id_removal_id_idx";

CREATE INDEX "members_waiting_idx" ON "members"("organization_id", "wanted_seat", "waiting_since") WHERE "wanted_seat" IS NOT NULL;
CREATE INDEX "members_removal_idx" ON "members"("organization_id", "removal", "id") WHERE "removal" IS NOT NULL;

-- Room on the page for the next version of each row: a change of role, seat or status then touches no index at all, also
-- where everybody on the page is changed at once.
ALTER TABLE "members" SET (fillfactor = 50);

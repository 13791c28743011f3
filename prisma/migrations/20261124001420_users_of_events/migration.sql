-- The user of a member's event in a column of its own: events that tell the same of many members have the same data, which
-- PostgreSQL then writes as it is. Readers find the user in the data, as before.
ALTER TABLE "events" ADD COLUMN "user_id" UUID;

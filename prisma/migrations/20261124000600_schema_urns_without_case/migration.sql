-- Schema URNs compare without case: the document that filters look in has them in lower case, as all that is folded.
UPDATE "users" SET "search" = jsonb_set("search", '{schemas}', lower("search" ->> 'schemas')::jsonb) WHERE "search" ? 'schemas';
UPDATE "groups" SET "search" = jsonb_set("search", '{schemas}', lower("search" ->> 'schemas')::jsonb) WHERE "search" ? 'schemas';

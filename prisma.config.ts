// What Prisma's command line needs to know: where schema and migrations are, and which database is meant.

import { defineConfig } from 'prisma/config'

// The command line wants a native engine for migrations and downloads it, also when it only generates the client.
// The service applies its migrations itself (src/store/migrate.ts), so any program will do in its place; to use
// `prisma migrate`, set the variable to the engine's path, or to the empty string to let Prisma download it.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath

const url = process.env.DATABASE_URL

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  ...(url ? { datasource: { url } } : {}),
})

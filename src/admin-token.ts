// npm run admin-token: makes a token for everything and prints it, for whoever has the machine and has lost theirs.
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Config, readConfig } from './config.ts'
import { createAdminToken } from './services/admin-tokens.ts'
import { openDatabase } from './store/database.ts'
import { isMigrated } from './store/migrate.ts'

async function makeToken(databaseUrl: string, name: string): Promise<string> {
  const database = openDatabase(databaseUrl, 1)
  try {
    if (!(await isMigrated((sql) => database.client.$queryRawUnsafe(sql)).catch(() => false)))
      throw new Error('The database does not answer, or is not of this version: start the service first.')
    const made = await database.transaction((tx) => createAdminToken(tx, { kind: 'system' }, { name }))
    return made.token
  } finally {
    await database.close()
  }
}

/** The embedded PostgreSQL runs with the service alone: it is started for the purpose, where no service has it. */
async function withDatabase<T>(config: Config, work: (url: string) => Promise<T>): Promise<T> {
  if (config.databaseUrl !== null) return work(config.databaseUrl)
  const { startEmbedded } = await import('./store/embedded.ts')
  const embedded = await startEmbedded({ dataDirectory: config.dataDirectory })
  try {
    return await work(embedded.url)
  } finally {
    await embedded.stop()
  }
}

try {
  const { values } = parseArgs({ options: { name: { type: 'string', default: 'made on the machine' } } })
  if (existsSync('.env')) process.loadEnvFile('.env')
  const token = await withDatabase(readConfig(process.env), (url) => makeToken(url, values.name))
  process.stdout.write(`Admin token: ${token}\n`)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

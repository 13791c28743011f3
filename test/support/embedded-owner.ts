// A process that owns an embedded database, for tests that kill it. Prints `ready <url>`, or `failed <message>`.
// SIGINT, as from Ctrl-C: asks the database once more, stops it, prints `stopped`. SIGHUP: ends without stopping.

import pg from 'pg'
import { startEmbedded } from '../../src/store/embedded.ts'

const say = (line: string) => process.stdout.write(`${line}\n`)

try {
  const dataDirectory = process.argv[2] ?? ''
  const embedded = await startEmbedded({ dataDirectory, settings: { fsync: 'off' } })
  process.on('SIGHUP', () => process.exit(1))
  process.on('SIGINT', async () => {
    const client = new pg.Client({ connectionString: embedded.url })
    await client.connect()
    await client.query('SELECT pg_sleep(0.2)')
    await client.end()
    await embedded.stop()
    say('stopped')
  })
  say(`ready ${embedded.url}`)
} catch (error) {
  say(`failed ${error instanceof Error ? error.message : String(error)}`)
}

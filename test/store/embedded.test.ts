// The embedded PostgreSQL: it keeps its data, whoever is killed, and belongs to one living service at a time.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { fingerprint } from '../../src/store/embedded/process.ts'
import { type Embedded, InUseError, startEmbedded } from '../../src/store/embedded.ts'

const ownerScript = fileURLToPath(new URL('../support/embedded-owner.ts', import.meta.url))

let folder: string
let dataDirectory: string
const owners: ChildProcess[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-embedded-'))
  // Like most folders of projects, and unlike temporary ones: every user may enter.
  await chmod(folder, 0o755)
  dataDirectory = join(folder, 'data')
})
afterEach(async () => {
  for (const owner of owners.splice(0)) await kill(owner)
})
afterAll(async () => {
  // Stops what the last test may have left, then removes it.
  await (await start()).stop()
  await rm(folder, { recursive: true })
})

const start = (directory = dataDirectory) =>
  startEmbedded({ dataDirectory: directory, settings: { fsync: 'off' } })

/** Starts another process on the folder; resolves to its first line. */
async function startOwner(): Promise<{
  owner: ChildProcess
  line: string
  url: string
  nextLine(): Promise<string>
}> {
  const owner = spawn(process.execPath, ['--import', 'tsx', ownerScript, dataDirectory], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  owners.push(owner)
  if (owner.stdout === null) throw new Error('no output')
  const lines = createInterface({ input: owner.stdout })[Symbol.asyncIterator]()
  const nextLine = async () => String((await lines.next()).value)
  const line = await nextLine()
  return { owner, line, url: line.replace('ready ', ''), nextLine }
}

async function kill(owner: ChildProcess): Promise<void> {
  if (owner.exitCode !== null || owner.signalCode !== null) return
  owner.kill('SIGKILL')
  await once(owner, 'exit')
}

async function query(url: string, sql: string): Promise<unknown[][]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows
  } finally {
    await client.end()
  }
}

const postmaster = async () =>
  Number.parseInt(await readFile(join(dataDirectory, 'cluster/postmaster.pid'), 'utf8'), 10)

/** Starts on the folder, runs `use`, and stops. */
async function withEmbedded<T>(use: (embedded: Embedded) => Promise<T>): Promise<T> {
  const embedded = await start()
  try {
    return await use(embedded)
  } finally {
    await embedded.stop()
  }
}

describe('the data', () => {
  test('are kept from one start to the next', async () => {
    await withEmbedded(({ url }) => query(url, "CREATE TABLE kept AS SELECT 'first' AS name"))
    expect(await withEmbedded(({ url }) => query(url, 'SELECT name FROM kept'))).toEqual([['first']])
  })

  test('are text in UTF-8, compared the same on every machine, and reached from this machine alone', async () => {
    await withEmbedded(async ({ url }) => {
      const sql = `SELECT current_setting('server_encoding'), current_setting('listen_addresses'),
        current_setting('unix_socket_directories'), lower('ÄÉ'), 'Z' < 'a'`
      expect(await query(url, sql)).toEqual([['UTF8', '127.0.0.1', '', 'äé', true]])
    })
  })

  test('are guarded by a password that only the service can read', async () => {
    expect((await stat(join(dataDirectory, 'password'))).mode & 0o777).toBe(0o600)
    await withEmbedded(async ({ url }) => {
      const wrong = new URL(url)
      wrong.password = 'wrong'
      await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow('password authentication failed')
    })
  })

  test('survive when the service and its database are killed', async () => {
    const { owner, url } = await startOwner()
    await query(url, "INSERT INTO kept VALUES ('killed')")
    const server = await postmaster()
    await kill(owner)
    process.kill(server, 'SIGKILL')
    expect(await withEmbedded(({ url }) => query(url, 'SELECT name FROM kept'))).toEqual([
      ['first'],
      ['killed'],
    ])
  })
})

describe('one living owner', () => {
  test('a second start is refused, in this process and in another, and harms nothing', async () => {
    await withEmbedded(async ({ url }) => {
      await expect(start()).rejects.toThrow(InUseError)
      const second = await startOwner()
      expect(second.line).toMatch(
        new RegExp(`^failed The data directory .* is in use by process ${process.pid}\\.`),
      )
      expect(await query(url, 'SELECT count(*)::int FROM kept')).toEqual([[2]])
    })
  })

  test('of several that start together exactly one gets the folder', async () => {
    const started = await Promise.all([startOwner(), startOwner(), startOwner()])
    const winners = started.filter(({ line }) => line.startsWith('ready'))
    expect(winners).toHaveLength(1)
    expect(await query(winners[0]?.url ?? '', 'SELECT count(*)::int FROM kept')).toEqual([[2]])
  })

  test('a database that a killed service left running is stopped, and its data are there', async () => {
    const { owner, url } = await startOwner()
    await query(url, "INSERT INTO kept VALUES ('orphan')")
    const orphan = await postmaster()
    await kill(owner)
    expect(await fingerprint(orphan)).not.toBeNull()
    await withEmbedded(async (embedded) => {
      expect(await fingerprint(orphan)).toBeNull()
      expect(await query(embedded.url, 'SELECT count(*)::int FROM kept')).toEqual([[3]])
    })
  })

  test('a lock file whose number another program has now is no obstacle, and that program lives on', async () => {
    const sleeper = spawn('sleep', ['60'])
    owners.push(sleeper)
    await writeFile(
      join(dataDirectory, 'cluster/postmaster.pid'),
      `${sleeper.pid}\n${dataDirectory}/cluster\n`,
    )
    await withEmbedded(({ url }) => query(url, 'SELECT 1'))
    expect(sleeper.exitCode ?? sleeper.signalCode).toBeNull()
    expect((await readdir(dataDirectory)).sort()).toEqual(['cluster', 'password'])
  })
})

describe('the end', () => {
  test('Ctrl-C reaches the service alone: the database serves until it is stopped', async () => {
    const { owner, nextLine } = await startOwner()
    const server = await postmaster()
    process.kill(-(owner.pid ?? 0), 'SIGINT')
    expect(await nextLine()).toBe('stopped')
    expect(await fingerprint(server)).toBeNull()
    await vi.waitFor(() => expect(owner.exitCode).toBe(0), 10_000)
  })

  test('a service that ends without stopping takes its database along', async () => {
    const { owner } = await startOwner()
    const server = await postmaster()
    owner.kill('SIGHUP')
    await vi.waitFor(async () => expect(await fingerprint(server)).toBeNull(), 10_000)
  })

  test('a database that dies is reported, and stop still works', async () => {
    const deaths: string[] = []
    const embedded = await startEmbedded({ dataDirectory, onDeath: (reason) => deaths.push(reason) })
    process.kill(await postmaster(), 'SIGKILL')
    await vi.waitFor(() => expect(deaths).toEqual(['PostgreSQL ended unexpectedly (signal SIGKILL)']), 10_000)
    await embedded.stop()
    await embedded.stop()
  })
})

test('data of another major version are refused with a way out', async () => {
  const version = join(dataDirectory, 'cluster/PG_VERSION')
  const right = await readFile(version, 'utf8')
  await writeFile(version, '14\n')
  await expect(start()).rejects.toThrow(/written by PostgreSQL 14.*pg_dump/)
  await writeFile(version, right)
})

// As in a clone below /root: for root, the user that runs the server has no way to the folder.
test('a folder that only its owner may enter will do, for root too', async () => {
  const closed = join(folder, 'closed')
  await mkdir(closed)
  await chmod(closed, 0o700)
  for (const expected of [1, 2]) {
    const embedded = await start(join(closed, 'data'))
    await query(embedded.url, 'CREATE TABLE IF NOT EXISTS kept (id int)')
    await query(embedded.url, 'INSERT INTO kept VALUES (1)')
    expect(await query(embedded.url, 'SELECT count(*)::int FROM kept')).toEqual([[expected]])
    await embedded.stop()
  }
})

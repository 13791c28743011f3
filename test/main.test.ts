// The process as a user meets it: first start, later starts, stop, kill, somebody else's PostgreSQL.
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../src/store/database.ts'
import { version } from '../src/version.ts'
import { createEmptyDatabase, createTestDatabase } from './support/postgres.ts'
import { type ServiceProcess, startProcess } from './support/process.ts'

const running: ServiceProcess[] = []
let folder: string

async function start(env: Record<string, string>): Promise<ServiceProcess> {
  const service = await startProcess(env)
  running.push(service)
  return service
}

const printedValue = (service: ServiceProcess, name: string): string =>
  new RegExp(`^${name}: (\\S+)$`, 'm').exec(service.output())?.[1] ?? ''

/** Two runs at once on a small machine are slow. */
const patient = { timeout: 20_000 }

/** What is printed comes shortly after the service listens. */
const printed = (service: ServiceProcess, text: string) =>
  expect.poll(service.output, patient).toContain(text)

const listUsers = (service: ServiceProcess, token: string) =>
  fetch(`${service.origin}/scim/v2/Users`, { headers: { authorization: `Bearer ${token}` } })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-main-'))
})

afterEach(async () => {
  for (const service of running.splice(0)) await service.end('SIGKILL')
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('on the embedded PostgreSQL', () => {
  let token: string
  let adminToken: string

  test('the first start prints, once, the URL, both tokens and three commands that show the main job', async () => {
    const service = await start({ ROLLCALL_DATA_DIR: folder })
    await printed(service, '/members')
    token = printedValue(service, 'Directory token')
    adminToken = printedValue(service, 'Admin token')
    expect(printedValue(service, 'SCIM base URL')).toBe(`${service.origin}/scim/v2`)
    const commands = service.output().match(/^curl .*$/gm) ?? []
    expect(commands).toHaveLength(3)
    const members = await lastAnswer(commands)
    expect(members).toMatchObject({
      members: [{ email: 'ada@example.com', status: 'active', role: 'user', seatType: 'premium' }],
    })
    expect(await service.end('SIGTERM')).toBe(0)
  })

  test('a later start keeps the data and prints no token; the server’s own log of what fails quotes no row', async () => {
    const service = await start({ ROLLCALL_DATA_DIR: folder, LOG_LEVEL: 'trace' })
    const users = await (await listUsers(service, token)).json()
    expect(users).toMatchObject({ totalResults: 1, Resources: [{ userName: 'ada@example.com' }] })
    const taken = await fetch(`${service.origin}/scim/v2/Users`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
      body: JSON.stringify({ userName: 'ada@example.com' }),
    })
    expect(taken.status).toBe(409)
    expect(await service.end('SIGINT')).toBe(0)
    expect(service.output()).toContain('database system is ready to accept connections')
    expect(service.output()).toContain(`"version":"${version}"`)
    expect(service.output()).not.toContain('token')
    expect(service.output()).not.toContain('ada@example.com')
  })

  test('a killed service leaves a database that starts again', async () => {
    const killed = await start({ ROLLCALL_DATA_DIR: folder })
    expect((await listUsers(killed, token)).status).toBe(200)
    await killed.end('SIGKILL')
    const service = await start({ ROLLCALL_DATA_DIR: folder })
    expect(await (await listUsers(service, token)).json()).toMatchObject({ totalResults: 1 })
    const organizations = await fetch(`${service.origin}/v1/parent-organizations`, {
      headers: { authorization: `Bearer ${adminToken}` },
    })
    expect(organizations.status).toBe(200)
  })

  test('a second service on the same folder is refused with a clear error', async () => {
    await start({ ROLLCALL_DATA_DIR: folder })
    await expect(start({ ROLLCALL_DATA_DIR: folder })).rejects.toThrow(/already|in use|another/i)
  })
})

test('with DATABASE_URL, that PostgreSQL is used and nothing embedded is started', async () => {
  const database = await createEmptyDatabase()
  const unused = join(folder, 'unused')
  const service = await start({ DATABASE_URL: database.url, ROLLCALL_DATA_DIR: unused })
  await printed(service, 'Admin token')
  expect((await fetch(`${service.origin}/readyz`)).status).toBe(200)
  expect((await listUsers(service, printedValue(service, 'Directory token'))).status).toBe(200)
  expect(existsSync(unused)).toBe(false)
  expect(await service.end('SIGTERM')).toBe(0)
  await database.drop()
})

test('A2 at a start, events older than ROLLCALL_EVENTS_RETENTION_DAYS are deleted, and the others kept', async () => {
  const { url, drop } = await createTestDatabase()
  const database = openDatabase(url, 1)
  const { client } = database
  await client.$executeRaw`
    INSERT INTO events (time, type, subject_id, actor, data)
    SELECT now() - days * interval '1 day', 'directory.updated', gen_random_uuid(), '{}', jsonb_build_object('days', days)
    FROM unnest(ARRAY[1, 89, 91, 400]) days`
  const kept = () => client.$queryRaw`
    SELECT (data->>'days')::int AS days FROM events WHERE data ? 'days' ORDER BY days`
  const keeping = await start({ DATABASE_URL: url, ROLLCALL_EVENTS_RETENTION_DAYS: '0' })
  await printed(keeping, 'Admin token')
  expect(await kept()).toHaveLength(4)
  expect(await keeping.end('SIGTERM')).toBe(0)
  const deleting = await start({ DATABASE_URL: url, ROLLCALL_EVENTS_RETENTION_DAYS: '90' })
  await expect.poll(kept, patient).toEqual([{ days: 1 }, { days: 89 }])
  expect(await deleting.end('SIGTERM')).toBe(0)
  await database.close()
  await drop()
})

test('two processes that start on an empty database at once set it up once', async () => {
  const database = await createEmptyDatabase()
  const services = await Promise.all([1, 2].map(() => start({ DATABASE_URL: database.url })))
  await expect
    .poll(() => services.map((service) => service.output()).join(''), patient)
    .toContain('Admin token')
  const tokens = services.map((service) => printedValue(service, 'Admin token')).filter((text) => text !== '')
  expect(tokens).toHaveLength(1)
  for (const service of services) expect(await service.end('SIGTERM')).toBe(0)
  await database.drop()
})

test('faults of the configuration come all at once, by the names of the variables', async () => {
  await expect(start({ PORT: 'x', LOG_LEVEL: 'loud' })).rejects.toThrow(/PORT[\s\S]*LOG_LEVEL/)
})

/** Runs the printed commands as they stand, in order; gives the JSON that the last one prints. */
async function lastAnswer(commands: readonly string[]): Promise<unknown> {
  let answer: unknown
  for (const command of commands) {
    const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
    const option = (name: string) => words[words.indexOf(name) + 1] ?? ''
    const body = words.includes('-d') ? option('-d') : null
    const method = words.includes('-X') ? option('-X') : body === null ? 'GET' : 'POST'
    const headers = words.flatMap((word, i): [string, string][] => {
      const [name = '', value = ''] = (words[i - 1] === '-H' ? word : '').split(': ')
      return name === '' ? [] : [[name, value]]
    })
    const url = words.find((word) => word.startsWith('http')) ?? ''
    answer = await (await fetch(url, { method, headers, ...(body === null ? {} : { body }) })).json()
  }
  return answer
}

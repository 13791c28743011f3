// E4 from real processes on one database: none oversells, and one that is killed in the middle of its writes leaves
// nothing half done.

import supertest from 'supertest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminClient, scimClient, startTestApp, type TestApp } from '../support/app.ts'
import { changesOfSavingAgain, names, noChanges } from '../support/cluster.ts'
import { type ServiceProcess, startProcess } from '../support/process.ts'
import { Administrated, aScene, Idp } from '../support/provisioning.ts'

let app: TestApp
let processes: readonly ServiceProcess[] = []
beforeAll(async () => {
  app = await startTestApp()
  // with a tenant there, no process makes one of its own
  await app.createTenant()
  const env = { DATABASE_URL: app.databaseUrl, ROLLCALL_DATABASE_POOL_SIZE: '5' }
  processes = await Promise.all([startProcess(env), startProcess(env)])
})
afterAll(async () => {
  await Promise.all(processes.map((service) => service.end('SIGKILL')))
  await app.close()
})

const httpOf = (turn: number) => supertest(processes[turn % processes.length]?.origin ?? app.origin)

async function expectAgreement(org: Administrated, purchased: Readonly<Record<string, number>>) {
  const members = await org.members()
  const assigned = await org.assigned()
  for (const [type, count] of Object.entries(purchased)) {
    expect(members.filter(({ seatType }) => seatType === type)).toHaveLength(assigned[type] ?? -1)
    expect(assigned[type]).toBeLessThanOrEqual(count)
  }
  expect(await changesOfSavingAgain(org)).toMatchObject(noChanges)
}

test('E4 two processes never oversell a seat type', async () => {
  const { tenant, org } = await aScene(app)
  await org.save()
  await org.buy({ premium: 2, standard: 3 })
  await Promise.all(names(20).map((name, i) => new Idp(scimClient(httpOf(i), tenant.token)).user(name)))
  expect(await org.assigned()).toEqual({ premium: 2, standard: 3 })
  expect(await org.members()).toHaveLength(20)
  await expectAgreement(org, { premium: 2, standard: 3 })
})

test('E4 a process that is killed in the middle of its writes leaves seats and members that agree', async () => {
  const { tenant, idp, org } = await aScene(app)
  const staff = await idp.group('Staff')
  await org.buy({ premium: 4, standard: 4 })
  await org.map([{ groupId: staff, role: 'admin' }])
  const [killed] = processes
  let answers = 0
  const work = names(40).map(async (name, i) => {
    const mine = new Idp(scimClient(httpOf(i), tenant.token))
    await mine.add(staff, await mine.user(name))
    answers += 1
    if (answers === 8) await killed?.end('SIGKILL')
  })
  const ended = await Promise.allSettled(work)
  expect(ended.some(({ status }) => status === 'rejected')).toBe(true)
  // the other process goes on, and so does an administrator
  expect(ended.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(20)
  const second = new Administrated(adminClient({ http: httpOf(1), adminToken: app.adminToken }), org.id)
  expect(await second.assigned()).toEqual({ premium: 4, standard: 4 })
  await expectAgreement(second, { premium: 4, standard: 4 })
})

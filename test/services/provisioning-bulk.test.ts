// What a bulk means for members: each operation is evaluated as if it had come alone (RFC 7644 section 3.7, E9).
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtInTypes } from '../../src/scim/resource-types.ts'
import { SecretBox } from '../../src/secret-box.ts'
import { isOutage } from '../../src/services/errors.ts'
import { createServices } from '../../src/services/index.ts'
import { openDatabase } from '../../src/store/database.ts'
import { startTestApp, type TestApp } from '../support/app.ts'
import { bulkBody, patchBody } from '../support/protocol.ts'
import { answered, aScene, eventsOf, type Scene } from '../support/provisioning.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

/** Sends a bulk all of whose operations must succeed. */
async function push({ tenant }: Scene, operations: readonly unknown[]): Promise<void> {
  const { body } = await answered(tenant.scim.post('/Bulk', bulkBody(operations)), 200)
  const failed = body.Operations.filter(({ status }: { status: string }) => !status.startsWith('2'))
  expect(failed).toEqual([])
  expect(body.Operations).toHaveLength(operations.length)
}

const user = (name: string) => ({
  method: 'POST',
  path: '/Users',
  bulkId: name,
  data: { userName: `${name}@acme.test`, active: true },
})
const group = (name: string, ...members: string[]) => ({
  method: 'POST',
  path: '/Groups',
  bulkId: name,
  data: { displayName: name, members: members.map((value) => ({ value })) },
})
const add = (groupId: string, ...members: string[]) => ({
  method: 'PATCH',
  path: `/Groups/${groupId}`,
  data: patchBody({ op: 'add', path: 'members', value: members.map((value) => ({ value })) }),
})

describe('members become members', () => {
  test('E1 a first sync in one request: users, groups in groups, and the mapped ones they are added to', async () => {
    const scene = await aScene(app)
    const { idp, org } = scene
    const [admins, staff] = [await idp.group('Admins'), await idp.group('Staff')]
    await org.map([
      { groupId: admins, role: 'admin' },
      { groupId: staff, role: 'user' },
      { groupId: staff, seatType: 'standard' },
    ])
    await push(scene, [
      add(staff, 'bulkId:Everybody'),
      add(admins, 'bulkId:ann'),
      group('Everybody', 'bulkId:Team', 'bulkId:ann'),
      group('Team', 'bulkId:bob', 'bulkId:Everybody'),
      user('ann'),
      user('bob'),
      user('cid'),
    ])
    expect(await org.seen()).toEqual({ ann: 'admin standard', bob: 'user standard' })
  })

  test('E9 the order of the operations does not change where it ends', async () => {
    const seen = async (isReversed: boolean) => {
      const scene = await aScene(app)
      const leads = await scene.idp.group('Leads')
      await scene.org.map([{ groupId: leads, role: 'owner' }])
      const operations = [user('ann'), user('bob'), group('Team', 'bulkId:bob'), add(leads, 'bulkId:Team')]
      await push(scene, isReversed ? operations.reverse() : operations)
      return scene.org.seen()
    }
    expect(await seen(false)).toEqual({ bob: 'owner premium' })
    expect(await seen(true)).toEqual({ bob: 'owner premium' })
  })

  test('E8 who is deactivated or deleted in a bulk leaves, and E4 their seats go to who waits', async () => {
    const scene = await aScene(app)
    const { idp, org } = scene
    await org.buy({ premium: 2, standard: 0 })
    await org.save()
    await push(scene, [user('ann'), user('bob'), user('cid'), user('dan')])
    expect(await org.seen()).toEqual({
      ann: 'user premium',
      bob: 'user premium',
      cid: 'waiting for any',
      dan: 'waiting for any',
    })
    const listed = (await answered(idp.scim.get('/Users'), 200)).body.Resources
    const path = (name: string) =>
      `/Users/${listed.find(({ userName }: { userName: string }) => userName.startsWith(name)).id}`
    await push(scene, [
      {
        method: 'PATCH',
        path: path('ann'),
        data: patchBody({ op: 'replace', path: 'active', value: false }),
      },
      { method: 'DELETE', path: path('bob') },
    ])
    expect(await org.seen()).toEqual({ cid: 'user premium', dan: 'user premium' })
  })

  test('A2 each operation is its own transaction, all under the id of one request', async () => {
    const scene = await aScene(app)
    await scene.org.save()
    await push(scene, [user('ann'), user('bob')])
    const events = await eventsOf(app, scene.tenant.directoryId)
    const created = events.filter(({ type }) => type === 'user.created')
    expect(new Set(created.map(({ transaction_id }) => transaction_id)).size).toBe(2)
    expect(new Set(created.map(({ actor }) => JSON.stringify(actor))).size).toBe(1)
    for (const { transaction_id } of created) {
      const together = events.filter((event) => event.transaction_id === transaction_id)
      expect(together.map(({ type }) => type)).toEqual(['user.created', 'member.added'])
    }
    expect(created[0]?.actor).toMatchObject({ kind: 'directory_token', requestId: expect.any(String) })
  })

  test('a failed operation makes nobody a member', async () => {
    const scene = await aScene(app)
    await scene.org.save()
    const body = bulkBody([user('ann'), { ...user('ann'), bulkId: 'again' }, user('bob')])
    const answer = await answered(scene.tenant.scim.post('/Bulk', body), 200)
    expect(answer.body.Operations.map(({ status }: { status: string }) => status)).toEqual([
      '201',
      '409',
      '201',
    ])
    expect(await scene.org.seen()).toEqual({ ann: 'user premium', bob: 'user premium' })
  })
})

test('RFC 7644 3.7 without a database each operation fails with the outage, and it is tried once', async () => {
  const database = openDatabase('postgresql://nobody@127.0.0.1:1/none', 2)
  const { bulk } = createServices(database, new SecretBox([]))
  const caller = {
    directoryId: '00000000-0000-7000-8000-000000000000',
    actor: { kind: 'system' },
    types: builtInTypes,
    schemasVersion: 0,
    baseUrl: 'http://x',
  } as const
  const body = bulkBody([user('ann'), group('Team', 'bulkId:ann'), { method: 'DELETE', path: '/Users/1' }])
  const outcomes = await bulk.run(caller, body)
  const errors = outcomes.map(({ result }) => (result.kind === 'failed' ? result.error : null))
  expect(errors).toHaveLength(3)
  expect(new Set(errors).size).toBe(1)
  expect(isOutage(errors[0])).toBe(true)
  await database.close()
})

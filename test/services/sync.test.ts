// Y1 through HTTP: a sync on request, what it counts, and what it puts right after somebody changed the database by
// hand. Each kind of damage is done with SQL, as a hand does it.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Mended } from '../../src/provisioning/mending.ts'
import { adminClient, startTestApp, type TestApp } from '../support/app.ts'
import {
  type Administrated,
  answered,
  aScene,
  type Counts,
  eventsOf,
  type Scene,
} from '../support/provisioning.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

const noDamage = { users: 0, groups: 0, members: 0, seats: 0, unmended: 0 }
const noCounts = { added: 0, changed: 0, removed: 0, waiting: 0 }

interface Run {
  readonly organizationId: string
  readonly counts: Counts
  readonly mended: Mended
}

const sync = async (org: Administrated): Promise<Run> =>
  (await answered(org.admin.post(org.path('/sync')), 200)).body

/** Events that came of `work`, without those before. */
async function eventsBy({ tenant }: Scene, work: () => Promise<unknown>) {
  const before = (await eventsOf(app, tenant.directoryId)).length
  await work()
  return (await eventsOf(app, tenant.directoryId)).slice(before)
}

const typesOf = (events: readonly { type: string }[]) => events.map(({ type }) => type)

/** Ann on the only premium seat, bob on the only standard one; admins are mapped, and so are both seat types. */
async function mapped() {
  const scene = await aScene(app)
  const { idp, org } = scene
  const [ann, bob] = [await idp.user('ann'), await idp.user('bob')]
  const staff = await idp.group('Staff', [ann, bob])
  const gold = await idp.group('Gold', [ann])
  await org.buy({ premium: 1, standard: 1 })
  await org.map([
    { groupId: staff, role: 'admin' },
    { groupId: staff, seatType: 'standard' },
    { groupId: gold, seatType: 'premium' },
  ])
  expect(await org.seen()).toEqual(asMapped)
  return { ...scene, ann, bob, staff, gold }
}

const asMapped = { ann: 'admin premium', bob: 'admin standard' }

/** Mode scim without mappings. */
async function unmapped() {
  const scene = await aScene(app)
  await scene.org.save()
  const ann = await scene.idp.user('ann')
  const bob = await scene.idp.user('bob')
  return { ...scene, ann, bob }
}

describe('Y1 sync now', () => {
  test('Y1 where nothing is to change it counts everybody, and writes neither event nor version', async () => {
    const scene = await mapped()
    const versions = () => app.database.client.$queryRaw`
      SELECT id, version, last_modified FROM users WHERE directory_id = ${scene.tenant.directoryId}::uuid ORDER BY id`
    const before = [await versions(), await scene.org.members()]
    const events = await eventsBy(scene, async () => {
      const run = await sync(scene.org)
      expect(run).toMatchObject({
        organizationId: scene.org.id,
        origin: 'request',
        actor: { kind: 'admin_token' },
        counts: { ...noCounts, unchanged: 2 },
        mended: noDamage,
      })
      expect((await answered(scene.org.admin.get(scene.org.path('/sync')), 200)).body).toEqual({
        lastRun: run,
        lastFailure: null,
      })
    })
    expect(events).toEqual([])
    expect([await versions(), await scene.org.members()]).toEqual(before)
  })

  test('Y1 an organization that was never synced says so', async () => {
    const { org } = await aScene(app)
    expect((await answered(org.admin.get(org.path('/sync')), 200)).body).toEqual({
      lastRun: null,
      lastFailure: null,
    })
  })

  test('Y1 an unknown organization or parent is not found, and without a token nothing is told', async () => {
    const admin = adminClient(app)
    const { tenant } = await aScene(app)
    for (const id of [tenant.directoryId, 'x']) {
      await answered(admin.post(`/organizations/${id}/sync`), 404)
      await answered(admin.get(`/organizations/${id}/sync`), 404)
      await answered(admin.post(`/parent-organizations/${id}/sync`), 404)
    }
    await answered(app.http.post(`/v1/organizations/${tenant.directoryId}/sync`), 401)
  })

  test('Y1 all organizations of a parent, one after the other, each with its counts', async () => {
    const { tenant, idp, org, join } = await unmapped()
    const second = await join('enterprise_usage')
    await second.save()
    await app.database.client.$executeRaw`
      DELETE FROM members WHERE organization_id = ${second.id}::uuid`
    await idp.user('cy')
    const body = (
      await answered(org.admin.post(`/parent-organizations/${tenant.parentOrganizationId}/sync`), 200)
    ).body
    expect(body).toMatchObject({
      mended: { users: 0, groups: 0, unmended: 0 },
      organizations: [
        { organizationId: org.id, counts: { ...noCounts, unchanged: 3 } },
        { organizationId: second.id, counts: { ...noCounts, added: 2, unchanged: 1 }, mended: { seats: 1 } },
      ],
    })
    expect(Object.keys(await second.seen())).toEqual(['ann', 'bob', 'cy'])
  })

  test('Y1 in mode manual members are left to their administrator, and the seats are counted all the same', async () => {
    const { org } = await aScene(app)
    await org.add({ email: 'ann@acme.test', role: 'owner' })
    await app.database.client.$executeRaw`
      UPDATE seats SET assigned = 7 WHERE organization_id = ${org.id}::uuid AND seat_type = 'premium'`
    expect(await sync(org)).toMatchObject({
      counts: { ...noCounts, unchanged: 1 },
      mended: { ...noDamage, seats: 1 },
    })
    expect(await org.assigned()).toEqual({ premium: 1, standard: 0 })
  })
})

describe('Y1 members changed by hand', () => {
  test('Y1 role and seat that mappings decide are as the groups have them again, told with the reason', async () => {
    const scene = await mapped()
    await app.database.client.$executeRaw`
      UPDATE members SET role = 'owner' WHERE organization_id = ${scene.org.id}::uuid AND user_id = ${scene.bob}::uuid`
    const events = await eventsBy(scene, async () => {
      expect(await sync(scene.org)).toMatchObject({ counts: { ...noCounts, changed: 1, unchanged: 1 } })
    })
    expect(await scene.org.seen()).toEqual(asMapped)
    expect(typesOf(events)).toEqual(['member.changed', 'sync.finished'])
    expect(events[0]?.data).toMatchObject({
      before: { role: 'owner' },
      after: { role: 'admin' },
      why: expect.arrayContaining([expect.objectContaining({ code: 'role_from_group' })]),
    })
    expect(events[1]?.data).toMatchObject({ origin: 'request', counts: { changed: 1 }, mended: noDamage })
  })

  test('Y1 a seat taken by hand is given back, and both counts are right', async () => {
    const { org, bob } = await mapped()
    await org.buy({ premium: 2 })
    await app.database.client.$executeRaw`
      UPDATE members SET seat_type = 'premium' WHERE organization_id = ${org.id}::uuid AND user_id = ${bob}::uuid`
    expect(await sync(org)).toMatchObject({ counts: { changed: 1 }, mended: { ...noDamage, seats: 2 } })
    expect(await org.seen()).toEqual(asMapped)
    expect(await org.assigned()).toEqual({ premium: 1, standard: 1 })
  })

  test('Y1 without mappings a role set by hand cannot be told from an administrator’s, and stays (E6)', async () => {
    const { org, bob } = await unmapped()
    await app.database.client.$executeRaw`
      UPDATE members SET role = 'owner' WHERE organization_id = ${org.id}::uuid AND user_id = ${bob}::uuid`
    expect(await sync(org)).toMatchObject({ counts: { ...noCounts, unchanged: 2 }, mended: noDamage })
    expect(await org.seen()).toMatchObject({ bob: 'owner premium' })
  })

  test('Y1 a deleted member is one again, and the seat that it left is counted', async () => {
    const scene = await mapped()
    await app.database.client.$executeRaw`
      DELETE FROM members WHERE organization_id = ${scene.org.id}::uuid AND user_id = ${scene.ann}::uuid`
    const events = await eventsBy(scene, async () => {
      expect(await sync(scene.org)).toMatchObject({
        counts: { ...noCounts, added: 1, unchanged: 1 },
        mended: { ...noDamage, seats: 1 },
      })
    })
    expect(typesOf(events)).toEqual(['member.added', 'sync.finished'])
    expect(await scene.org.seen()).toEqual(asMapped)
    expect(await scene.org.assigned()).toEqual({ premium: 1, standard: 1 })
  })

  test('Y1 a member added by hand whom the directory does not have is removed', async () => {
    const { org, tenant } = await mapped()
    await app.database.client.$executeRaw`
      INSERT INTO members (organization_id, id, directory_id, email, email_key, status, role, seat_type, source, since)
      VALUES (${org.id}::uuid, gen_random_uuid(), ${tenant.directoryId}::uuid, 'eve@acme.test', 'eve@acme.test',
        'active', 'owner', 'standard', 'manual', now())`
    expect(await sync(org)).toMatchObject({
      counts: { ...noCounts, removed: 1, unchanged: 2 },
      mended: { ...noDamage, seats: 1 },
    })
    expect(await org.seen()).toEqual(asMapped)
    expect(await org.assigned()).toEqual({ premium: 1, standard: 1 })
  })

  test('Y1 P1 a role that the plan does not have becomes the base role, the primary owner’s the top role', async () => {
    const scene = await unmapped()
    await scene.org.nameOwner((await scene.org.member('ann')).id)
    await app.database.client.$executeRaw`
      UPDATE members SET role = 'emperor' WHERE organization_id = ${scene.org.id}::uuid`
    const events = await eventsBy(scene, async () => {
      expect(await sync(scene.org)).toMatchObject({ mended: { ...noDamage, members: 2 } })
    })
    expect(await scene.org.seen()).toEqual({ ann: 'owner premium', bob: 'user premium' })
    expect(typesOf(events)).toEqual(['member.changed', 'member.changed', 'sync.finished'])
    expect(events[0]?.data.why).toEqual([{ rule: 'P1', code: 'unknown_to_plan' }])
    expect(events[2]?.data.mended).toMatchObject({ members: 2 })
  })

  test('Y1 P1 a seat type that the plan does not have is taken away, and another one given', async () => {
    const { org } = await unmapped()
    await app.database.client.$executeRaw`
      UPDATE members SET seat_type = 'throne' WHERE organization_id = ${org.id}::uuid`
    expect(await sync(org)).toMatchObject({ counts: { changed: 2 }, mended: { members: 2, seats: 1 } })
    expect(await org.seen()).toEqual({ ann: 'user premium', bob: 'user premium' })
    expect(await org.assigned()).toEqual({ premium: 2, standard: 0 })
    expect(await sync(org)).toMatchObject({ counts: { ...noCounts, unchanged: 2 }, mended: noDamage })
  })

  test('Y1 P1 who waits for what the plan does not have waits for any seat, in the same place', async () => {
    const { org } = await unmapped()
    await org.buy({ premium: 0, standard: 0 })
    await app.database.client.$executeRaw`
      UPDATE members SET status = 'waiting', role = NULL, seat_type = NULL, since = NULL, wanted_seat = 'throne',
        waiting_since = '2020-01-01' WHERE organization_id = ${org.id}::uuid`
    expect(await sync(org)).toMatchObject({ mended: { members: 2, seats: 1 } })
    expect(await org.seen()).toEqual({ ann: 'waiting for any', bob: 'waiting for any' })
    expect((await org.member('bob')).waitingSince).toMatch(/^2020-01-01|^2019-12-31/)
  })

  test('Y1 E7 an address is as the directory has it again; of who is in no directory it compares as it is', async () => {
    const scene = await unmapped()
    const { org, ann } = scene
    await app.database.client.$executeRaw`
      UPDATE members SET email = 'x@acme.test', email_key = 'y' WHERE organization_id = ${org.id}::uuid
        AND user_id = ${ann}::uuid`
    const events = await eventsBy(scene, async () => {
      expect(await sync(org)).toMatchObject({
        counts: { ...noCounts, unchanged: 2 },
        mended: { ...noDamage, members: 1 },
      })
    })
    expect((await org.members()).map(({ email }) => email)).toEqual(['ann@acme.test', 'bob@acme.test'])
    expect(typesOf(events)).toEqual(['sync.finished'])

    const { org: manual, idp } = await aScene(app)
    await manual.add({ email: 'Cy@acme.test' })
    await app.database.client.$executeRaw`
      UPDATE members SET email_key = 'z' WHERE organization_id = ${manual.id}::uuid`
    expect(await sync(manual)).toMatchObject({ mended: { ...noDamage, members: 1 } })
    await idp.user('cy')
    await manual.save()
    expect(await manual.members()).toHaveLength(1)
  })
})

describe('Y1 the directory changed by hand', () => {
  test('Y1 who is out of a group by hand is out: the membership is the only word on it', async () => {
    const { org, ann, gold } = await mapped()
    await app.database.client.$executeRaw`
      DELETE FROM user_memberships WHERE group_id = ${gold}::uuid AND user_id = ${ann}::uuid`
    expect(await sync(org)).toMatchObject({ counts: { waiting: 1, unchanged: 1 }, mended: noDamage })
    expect(await org.seen()).toMatchObject({ ann: 'admin premium, waiting for standard' })
  })

  test('Y1 whether a user is active is as its document says, in every organization of the directory', async () => {
    const scene = await unmapped()
    const { org, ann, join } = scene
    const second = await join('enterprise_seats')
    await app.database.client.$executeRaw`UPDATE users SET active = false WHERE id = ${ann}::uuid`
    // what a hand has switched off is off until a sync comes by
    await second.save()
    expect(Object.keys(await second.seen())).toEqual(['bob'])
    const events = await eventsBy(scene, async () => {
      expect(await sync(org)).toMatchObject({
        counts: { ...noCounts, unchanged: 2 },
        mended: { ...noDamage, users: 1 },
      })
    })
    expect(Object.keys(await second.seen())).toEqual(['ann', 'bob'])
    expect(typesOf(events)).toEqual(['user.updated', 'directory.mended', 'member.added', 'sync.finished'])
    expect(events[0]).toMatchObject({
      subject_id: ann,
      data: { changed: [], mended: ['active'], before: { active: false }, after: { active: true } },
    })
    expect(events[1]?.data).toEqual({ mended: { users: 1, groups: 0 } })
  })

  test('Y1 a user who was switched on by hand is removed again, from the organization that is synced', async () => {
    const { idp, org, ann } = await unmapped()
    await idp.setActive(ann, false)
    await app.database.client.$executeRaw`UPDATE users SET active = true WHERE id = ${ann}::uuid`
    await org.save()
    expect(Object.keys(await org.seen())).toEqual(['ann', 'bob'])
    expect(await sync(org)).toMatchObject({ counts: { removed: 1 }, mended: { users: 1 } })
    expect(Object.keys(await org.seen())).toEqual(['bob'])
  })

  test('Y1 users and groups are found again by what their document says', async () => {
    const { idp, org, ann, staff } = await mapped()
    await app.database.client.$executeRaw`
      UPDATE users SET user_name = 'x', user_name_key = 'x', email = 'x', email_key = 'x', search = '{}'
      WHERE id = ${ann}::uuid`
    await app.database.client.$executeRaw`
      UPDATE groups SET display_name = 'x', display_name_key = 'x', search = '{}' WHERE id = ${staff}::uuid`
    const found = async (path: string, filter: string) =>
      (await answered(idp.scim.get(`${path}?filter=${encodeURIComponent(filter)}`), 200)).body.totalResults
    const all = async () => [
      await found('/Users', 'userName eq "ann@acme.test"'),
      await found('/Users', 'userName sw "ANN" and active eq true'),
      await found('/Groups', 'displayName eq "staff"'),
    ]
    expect(await all()).toEqual([0, 0, 0])
    expect(await sync(org)).toMatchObject({
      counts: { ...noCounts, unchanged: 2 },
      mended: { ...noDamage, users: 1, groups: 1 },
    })
    expect(await all()).toEqual([1, 1, 1])
    // what a client has kept may be from before
    expect((await answered(idp.scim.get(`/Users/${ann}`), 200)).body.meta.version).toBe('W/"2"')
    expect(await sync(org)).toMatchObject({ mended: noDamage })
    // and again, after all that was right
    await app.database.client.$executeRaw`UPDATE users SET search = '{}' WHERE id = ${ann}::uuid`
    expect(await sync(org)).toMatchObject({ mended: { ...noDamage, users: 1 } })
    expect(await all()).toEqual([1, 1, 1])
  })

  test('Y1 a document that was changed by hand is followed, as the identity provider’s word', async () => {
    const { org, idp, ann } = await unmapped()
    await app.database.client.$executeRaw`
      UPDATE users SET resource = jsonb_set(resource, '{active}', 'false') WHERE id = ${ann}::uuid`
    expect(await sync(org)).toMatchObject({ counts: { removed: 1 }, mended: { users: 1 } })
    expect((await answered(idp.scim.get(`/Users/${ann}`), 200)).body.active).toBe(false)
  })

  test('Y1 what cannot be known is counted and left: a name of two, a document without one', async () => {
    const { org, ann, bob } = await unmapped()
    await app.database.client.$executeRaw`
      UPDATE users SET resource = jsonb_set(resource, '{userName}', '"BOB@acme.test"') WHERE id = ${ann}::uuid`
    expect(await sync(org)).toMatchObject({
      counts: { ...noCounts, unchanged: 2 },
      mended: { ...noDamage, unmended: 1 },
    })
    await app.database.client.$executeRaw`UPDATE users SET resource = '[]' WHERE id = ${ann}::uuid`
    await app.database.client.$executeRaw`UPDATE users SET search = '{}' WHERE id = ${bob}::uuid`
    expect(await sync(org)).toMatchObject({ mended: { ...noDamage, users: 1, unmended: 1 } })
  })
})

describe('Y1 seats changed by hand', () => {
  test.each([0, 9])(
    'Y1 E4 counted as %i, they are counted anew, and no seat is oversold',
    async (assigned) => {
      const scene = await unmapped()
      const { org, idp } = scene
      await org.buy({ premium: 2, standard: 0 })
      await app.database.client.$executeRaw`
      UPDATE seats SET assigned = ${assigned} WHERE organization_id = ${org.id}::uuid AND seat_type = 'premium'`
      const events = await eventsBy(scene, async () => {
        expect(await sync(org)).toMatchObject({
          counts: { ...noCounts, unchanged: 2 },
          mended: { ...noDamage, seats: 1 },
        })
      })
      expect(typesOf(events)).toEqual(['sync.finished'])
      expect(await org.assigned()).toEqual({ premium: 2, standard: 0 })
      await idp.user('cy')
      expect(await org.seen()).toEqual({ ann: 'user premium', bob: 'user premium', cy: 'waiting for any' })
    },
  )

  test('Y1 E8 who leaves a seat that was counted as nobody on it leaves all the same, and the sync counts anew', async () => {
    const { org, idp, ann } = await unmapped()
    await app.database.client.$executeRaw`
      UPDATE seats SET assigned = 0 WHERE organization_id = ${org.id}::uuid AND seat_type = 'premium'`
    await idp.setActive(ann, false)
    expect(await org.assigned()).toEqual({ premium: 0, standard: 0 })
    expect(await sync(org)).toMatchObject({ mended: { ...noDamage, seats: 1 } })
    expect(await org.assigned()).toEqual({ premium: 1, standard: 0 })
  })

  test('Y1 E4 who waited because of a wrong count gets the seat', async () => {
    const { org, idp } = await unmapped()
    await app.database.client.$executeRaw`
      UPDATE seats SET assigned = 9, purchased = 3 WHERE organization_id = ${org.id}::uuid AND seat_type = 'premium'`
    await org.buy({ standard: 0 })
    await idp.user('cy')
    await idp.user('dan')
    expect(await sync(org)).toMatchObject({ counts: { ...noCounts, added: 1, unchanged: 3 } })
    expect(await org.seen()).toMatchObject({ cy: 'user premium', dan: 'waiting for any' })
  })

  test('Y1 E4 a seat type whose row is gone has one again, without limit as it was meanwhile', async () => {
    const { org, idp, ann } = await unmapped()
    await app.database.client.$executeRaw`
      DELETE FROM seats WHERE organization_id = ${org.id}::uuid AND seat_type = 'premium'`
    expect(await sync(org)).toMatchObject({ mended: { ...noDamage, seats: 1 } })
    expect(await org.assigned()).toEqual({ premium: 2, standard: 0 })
    await idp.setActive(ann, false)
    expect(await org.assigned()).toEqual({ premium: 1, standard: 0 })
  })
})

describe('S5 a sync and the brake', () => {
  /** Mode scim with a limit of one removal an hour; of four users `count` are switched off in their documents by hand. */
  async function switchedOff(count: number) {
    const scene = await aScene(app)
    const people = ['ann', 'bob', 'cy', 'dan']
    const ids: string[] = []
    for (const name of people) ids.push(await scene.idp.user(name))
    await scene.org.save({ brake: { maxRemovals: 1, withinMinutes: 60 } })
    await app.database.client.$executeRaw`
      UPDATE users SET resource = jsonb_set(resource, '{active}', 'false')
      WHERE directory_id = ${scene.tenant.directoryId}::uuid AND id = ANY(${ids.slice(0, count)}::uuid[])`
    return { ...scene, ids }
  }

  test('S5 Y1 what a sync would remove beyond the limit is held, and a second sync changes nothing', async () => {
    const scene = await switchedOff(2)
    const events = await eventsBy(scene, async () => {
      expect(await sync(scene.org)).toMatchObject({
        counts: { ...noCounts, changed: 2, unchanged: 2 },
        mended: { users: 2 },
      })
    })
    expect(typesOf(events).filter((type) => !type.startsWith('user.'))).toEqual([
      'directory.mended',
      'brake.engaged',
      'member.removal_held',
      'member.removal_held',
      'sync.finished',
    ])
    expect(Object.keys(await scene.org.seen())).toEqual(['ann', 'bob', 'cy', 'dan'])
    expect(await scene.org.assigned()).toEqual({ premium: 4, standard: 0 })
    const again = await eventsBy(scene, async () => {
      expect(await sync(scene.org)).toMatchObject({ counts: { ...noCounts, unchanged: 4 }, mended: noDamage })
    })
    expect(again).toEqual([])
  })

  test('S5 Y1 what a sync removes counts: the next push is beyond the limit', async () => {
    const { org, idp, ids } = await switchedOff(1)
    expect(await sync(org)).toMatchObject({ counts: { removed: 1, unchanged: 3 } })
    await idp.setActive(`${ids[1]}`, false)
    expect(Object.keys(await org.seen())).toEqual(['bob', 'cy', 'dan'])
    expect((await answered(org.admin.get(org.path('/held-removals')), 200)).body).toMatchObject({
      heldRemovals: [{ email: 'bob@acme.test' }],
    })
  })
})

// A2: every change of a member is one event, in the transaction of what caused it, with before, after and why, and
// with no personal attribute.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestApp, type TestApp } from '../support/app.ts'
import { answered, aScene, type EventRow, eventsOf, type Scene } from '../support/provisioning.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

/** The events that `work` brought about. */
async function during({ tenant }: Scene, work: () => Promise<unknown>): Promise<EventRow[]> {
  const before = (await eventsOf(app, tenant.directoryId)).length
  await work()
  return (await eventsOf(app, tenant.directoryId)).slice(before)
}

const nothing = { status: 'removed', seatType: null, wantedSeat: null }
const onSeat = (role: string, seatType: string) => ({ status: 'active', role, seatType, wantedSeat: null })

describe('A2 what the directory does to members', () => {
  test('A2 joining, changing and leaving are told in the transaction of the push, by its token', async () => {
    const scene = await aScene(app)
    const { idp, org } = scene
    const ann = await idp.user('ann')
    const [staff, leads] = [await idp.group('Staff'), await idp.group('Leads')]
    await org.map([
      { groupId: staff, role: 'user' },
      { groupId: leads, role: 'admin' },
    ])

    const joining = await during(scene, () => idp.add(staff, ann))
    const { id } = await org.member('ann')
    expect(joining.map(({ type }) => type)).toEqual(['group.members_changed', 'member.added'])
    expect(new Set(joining.map((event) => event.transaction_id)).size).toBe(1)
    expect(joining.at(1)).toMatchObject({
      subject_id: id,
      organization_id: org.id,
      actor: { kind: 'directory_token' },
      data: { userId: ann, before: null, after: onSeat('user', 'premium') },
    })
    expect(joining.at(1)?.data.why).toContainEqual({
      rule: 'E2',
      code: 'role_from_group',
      role: 'user',
      groupIds: [staff],
    })

    const rising = await during(scene, () => idp.add(leads, ann))
    expect(rising.at(-1)).toMatchObject({
      type: 'member.changed',
      subject_id: id,
      data: { before: onSeat('user', 'premium'), after: onSeat('admin', 'premium') },
    })

    const leaving = await during(scene, () => idp.setActive(ann, false))
    expect(leaving.map(({ type }) => type)).toEqual(['user.updated', 'member.removed'])
    expect(leaving.at(-1)).toMatchObject({
      subject_id: id,
      data: {
        before: onSeat('admin', 'premium'),
        after: { ...nothing, role: 'admin' },
        why: [{ rule: 'E1', code: 'inactive' }],
      },
    })

    const deletion = await during(scene, () => idp.deleteUser(ann))
    expect(deletion.map(({ type }) => type)).toEqual(['user.deleted'])
  })

  test('A2 waiting, and the seat that somebody else gave up, are told', async () => {
    const scene = await aScene(app)
    const { idp, org } = scene
    await org.save()
    await org.buy({ premium: 1, standard: 0 })
    const ann = await idp.user('ann')
    const waiting = await during(scene, () => idp.user('bob'))
    expect(waiting.map(({ type }) => type)).toEqual(['user.created', 'member.waiting'])
    expect(waiting.at(-1)?.data.why).toContainEqual({ rule: 'E4', code: 'seats_full', seatType: 'any' })
    const moving = await during(scene, () => idp.deleteUser(ann))
    expect(moving.map(({ type }) => type).sort()).toEqual(['member.added', 'member.removed', 'user.deleted'])
    expect(moving.find(({ type }) => type === 'member.added')).toMatchObject({
      subject_id: (await org.member('bob')).id,
      data: {
        before: { status: 'waiting', role: null, seatType: null, wantedSeat: 'any' },
        after: onSeat('user', 'premium'),
      },
    })
  })

  test('E9 a push or a save that changes nothing of a member tells nothing of it', async () => {
    const scene = await aScene(app)
    const { idp, org } = scene
    await org.save()
    const ann = await idp.user('ann')
    const events = await during(scene, async () => {
      await idp.patchUser(ann, { op: 'replace', value: { title: 'Engineer' } })
      await idp.setActive(ann, true)
      await idp.group('Staff', [ann])
      await idp.patchUser(ann, { op: 'replace', path: 'userName', value: 'lee@acme.test' })
      await org.save()
    })
    expect(events.map(({ type }) => type)).toEqual([
      'user.updated',
      'group.created',
      'group.members_changed',
      'user.updated',
    ])
  })

  test('A2 a push that is refused tells nothing and changes nothing', async () => {
    const scene = await aScene(app)
    const { idp, org } = scene
    const staff = await idp.group('Staff')
    await org.map([{ groupId: staff, role: 'user' }])
    const ann = await idp.user('ann')
    const events = await during(scene, async () => {
      const value = [{ value: ann }, { value: '0198c0de-0000-7000-8000-000000000000' }]
      const Operations = [{ op: 'add', path: 'members', value }]
      await answered(idp.scim.patch(`/Groups/${staff}`, { Operations }), 400)
      await answered(idp.scim.post('/Users', { userName: 'ann@acme.test' }), 409)
    })
    expect(events).toEqual([])
    expect(await org.seen()).toEqual({})
  })
})

test('A2 what administrators do is told with their token as the actor', async () => {
  const scene = await aScene(app)
  const { org } = scene
  const events = await during(scene, async () => {
    const id = await org.add({ email: 'ann@acme.test' })
    await org.change(id, { role: 'admin' })
    await org.change(id, { role: 'admin' })
    await org.nameOwner(id)
    await org.nameOwner(null)
    await org.remove(id)
    await org.buy({ premium: 3 })
    await org.save()
  })
  expect(events.map(({ type, data: { before, after } }) => [type, before, after])).toMatchObject([
    ['member.added', null, onSeat('user', 'premium')],
    ['member.changed', onSeat('user', 'premium'), onSeat('admin', 'premium')],
    ['member.changed', onSeat('admin', 'premium'), onSeat('owner', 'premium')],
    ['primary_owner.named', null, expect.any(String)],
    ['primary_owner.named', expect.any(String), null],
    ['member.removed', onSeat('owner', 'premium'), { ...nothing, role: 'owner' }],
    ['seats.purchased', { premium: null, standard: null }, { premium: 3 }],
    ['settings.saved', { mode: 'manual' }, { mode: 'scim' }],
  ])
  for (const { actor, organization_id } of events) {
    expect([actor.kind, organization_id]).toEqual(['admin_token', org.id])
  }
})

test('A2 no event holds a personal attribute of anybody', async () => {
  const { idp, org, tenant } = await aScene(app)
  await org.save()
  const secrets = ['zebedee', 'Featherstone', '+44-700', 'Warbler', 'Quillon', 'emp-4711']
  const ann = await idp.user('zebedee', {
    name: { givenName: 'Zebedee', familyName: 'Featherstone' },
    emails: [{ value: 'zebedee@warbler.test', primary: true }],
    phoneNumbers: [{ value: '+44-700', type: 'work' }],
    title: 'Warbler',
    externalId: 'emp-4711',
  })
  await idp.patchUser(ann, { op: 'replace', path: 'displayName', value: 'Quillon' })
  await idp.patchUser(ann, {
    op: 'replace',
    path: 'emails',
    value: [{ value: 'z@warbler.test', primary: true }],
  })
  await org.change((await org.member('z')).id, { role: 'admin' })
  await idp.group('Staff', [ann])
  await idp.setActive(ann, false)
  await idp.deleteUser(ann)
  await org.save({ mode: 'manual' })
  await org.add({ email: 'zebedee@warbler.test' })
  const text = JSON.stringify(await eventsOf(app, tenant.directoryId)).toLowerCase()
  expect(text).toContain('member.removed')
  for (const secret of secrets) expect(text).not.toContain(secret.toLowerCase())
})

// Erasing people: nothing of them is left in any table, the log tells that it happened, and nobody goes who is still in.
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorker } from '../../../src/worker/index.ts'
import { databaseText, expectProblem } from '../../support/answers.ts'
import { adminClient, type Client, startTestApp, type TestApp } from '../../support/app.ts'
import { enterpriseUrn, userUrn } from '../../support/protocol.ts'
import { answered, aScene, eventsOf, type Scene } from '../../support/provisioning.ts'
import { anEndpoint } from '../../support/webhooks.ts'
import { connectWorkos, WorkosDirectory } from '../../support/workos.ts'

const hrUrn = 'urn:example:hr:2.0:User'

/** All that an identity provider says of somebody: no value stands anywhere else in the database. */
const zebedee = {
  schemas: [userUrn, enterpriseUrn, hrUrn],
  userName: 'Zebedee@Quux.example',
  externalId: '00uZebedee',
  name: { givenName: 'Zebedee', familyName: 'Quuxington', formatted: 'Dr Zebedee Quuxington' },
  displayName: 'Zebquux',
  emails: [
    { value: 'zebedee.work@quux.example', type: 'work', primary: true },
    { value: 'zebedee.home@quux.example', type: 'home' },
  ],
  phoneNumbers: [{ value: '+44 20 7946 0991', type: 'work' }],
  addresses: [{ streetAddress: '7 Quuxstreet', type: 'home' }],
  active: true,
  [enterpriseUrn]: { employeeNumber: 'quux-employee' },
  [hrUrn]: { badge: 'quux-badge' },
}
/** What each of them holds one of, and what neither an id nor a time can be. */
const valuesOfZebedee = ['zebedee', 'quux', '7946 0991']

let app: TestApp
let admin: Client
beforeAll(async () => {
  app = await startTestApp()
  admin = adminClient(app)
})
afterAll(() => app.close())

/** Which of the values stand in any table, whatever their case. */
async function found(values: readonly string[]): Promise<string[]> {
  const text = (await databaseText(app.database, ['public', 'pgboss'])).toLowerCase()
  return values.filter((value) => text.includes(value.toLowerCase()))
}

const erase = ({ tenant }: Scene, body: object) =>
  admin.post(`/directories/${tenant.directoryId}/erasures`, body)
const nothing = { userIds: [], members: [], managedUserIds: [] }

/** What the log tells of erasures in the directory, oldest first. */
const erasuresIn = async ({ tenant }: Scene) =>
  (await eventsOf(app, tenant.directoryId))
    .filter(({ type }) => type.endsWith('.erased'))
    .map(({ type, subject_id }) => `${type} ${subject_id}`)

describe('from a directory', () => {
  test('nothing of the person is left in any table, and the log tells which ids went, when and by whom', async () => {
    const scene = await aScene(app)
    const { idp, org, tenant } = scene
    const jit = await scene.join('console')
    await answered(
      admin.post(`/directories/${tenant.directoryId}/schemas`, {
        schema: { id: hrUrn, name: 'Hr', attributes: [{ name: 'badge', uniqueness: 'server' }] },
      }),
      201,
    )
    // of its deliveries none is sent: they are pending all the time
    await anEndpoint(app, {
      url: 'https://app.example.com/rollcall',
      parentOrganizationId: tenant.parentOrganizationId,
    })
    await org.save()
    await jit.save({ mode: 'jit' })
    const userId = String((await answered(tenant.scim.post('/Users', zebedee), 201)).body.id)
    await idp.group('Engineers', [userId])
    await answered(
      admin.post(jit.path('/sign-ins'), { email: 'ZEBEDEE.work@quux.example', groups: ['Engineers'] }),
      200,
    )
    const reports = await idp.user('grace', {
      schemas: [userUrn, enterpriseUrn],
      [enterpriseUrn]: { department: 'Sales', manager: { value: 'Zebedee@Quux.example' } },
    })
    await idp.user('alan', {
      schemas: [userUrn, enterpriseUrn],
      [enterpriseUrn]: { manager: { value: userId } },
    })
    const [member] = (await org.members()).filter((each) => each.userId === userId)
    const [signedIn] = await jit.members()
    expect(await found(valuesOfZebedee)).toEqual(valuesOfZebedee)

    await idp.setActive(userId, false)
    await jit.remove(signedIn?.id ?? '')
    const erased = (await answered(erase(scene, { userId }), 200)).body
    expect(await found(valuesOfZebedee)).toEqual([])
    expect(erased.userIds).toEqual([userId])
    const members = [
      { organizationId: org.id, memberId: member?.id },
      { organizationId: jit.id, memberId: signedIn?.id },
    ]
    expect(erased.members).toEqual(expect.arrayContaining(members))
    expect(erased.members).toHaveLength(2)
    expect(erased.managedUserIds).toHaveLength(2)
    await answered(tenant.scim.get(`/Users/${userId}`), 404)
    const kept = (await answered(tenant.scim.get(`/Users/${reports}`), 200)).body
    expect(kept[enterpriseUrn]).toEqual({ department: 'Sales' })

    const events = await eventsOf(app, tenant.directoryId)
    const told = events.filter(({ type }) => type.endsWith('.erased'))
    expect(told.map(({ type, subject_id }) => `${type} ${subject_id}`).sort()).toEqual(
      [`user.erased ${userId}`, ...members.map(({ memberId }) => `member.erased ${memberId}`)].sort(),
    )
    for (const { actor } of told) expect(actor).toMatchObject({ kind: 'admin_token', id: expect.any(String) })

    expect((await answered(erase(scene, { userId }), 200)).body).toEqual(nothing)
    expect((await answered(erase(scene, { email: 'zebedee.work@quux.example' }), 200)).body).toEqual(nothing)
  })

  test('by the address also after the directory has deleted the user; others of the address stay', async () => {
    const scene = await aScene(app)
    const { idp, org } = scene
    await org.save()
    const gone = await idp.user('petunia', { emails: [{ value: 'Petunia@acme.test', primary: true }] })
    const memberId = (await org.member('Petunia')).id
    await idp.deleteUser(gone)
    const sibling = await aScene(app)
    await sibling.org.save()
    await sibling.idp.user('petunia')
    const erased = (await answered(erase(scene, { email: 'PETUNIA@acme.test' }), 200)).body
    expect(erased).toEqual({ ...nothing, members: [{ organizationId: org.id, memberId }] })
    expect(await erasuresIn(scene)).toEqual([`member.erased ${memberId}`])
    expect(await sibling.org.seen()).toEqual({ petunia: 'user premium' })
    // E8 has nothing to go by any more
    await idp.user('petunia')
    expect((await org.member('petunia')).id).not.toBe(memberId)
  })

  test('of WorkOS: what it told goes too, and an older event does not bring it back', async () => {
    const scene = await aScene(app)
    const { org, tenant } = scene
    await org.save()
    const workos = await connectWorkos(app, tenant)
    const directory = new WorkosDirectory()
    const group = directory.group('engineers')
    const person = directory.user('wilhelmina')
    directory.add(group, person)
    directory.change(person, { last_name: 'Older' })
    const [older] = directory.events.slice(-1)
    directory.change(person, { state: 'inactive' })
    await workos.send(directory.events)
    expect(await found(['wilhelmina@', 'idp-wilhelmina'])).toHaveLength(2)
    const [user] = (await answered(tenant.scim.get('/Users'), 200)).body.Resources
    expect((await answered(erase(scene, { userId: user.id }), 200)).body.userIds).toEqual([user.id])
    expect(await found(['wilhelmina@', 'idp-wilhelmina'])).toEqual([])
    expect(await workos.send(older === undefined ? [] : [older])).toEqual(['unchanged'])
    expect(await found(['wilhelmina@', 'idp-wilhelmina'])).toEqual([])
  })

  test('who is assigned is refused, and so is a member whom nothing has removed: the remedy is named, nothing changes', async () => {
    const scene = await aScene(app)
    const { idp, org } = scene
    const ada = await idp.user('ada')
    const memberId = await org.add({ email: 'ada@acme.test' })
    const assigned = expectProblem(await erase(scene, { userId: ada }), 409)
    expect(assigned).toContain('unassign the person in the identity provider first')
    expectProblem(await erase(scene, { email: 'ada@acme.test' }), 409)
    await idp.setActive(ada, false)
    await org.nameOwner(memberId)
    expect(expectProblem(await erase(scene, { userId: ada }), 409, { rule: 'E11' })).toContain(
      'primary owner',
    )
    await org.nameOwner(null)
    const member = expectProblem(await erase(scene, { userId: ada }), 409)
    expect(member).toContain(`remove member ${memberId} first`)
    expect(await org.seen()).toEqual({ ada: 'owner premium' })
    await answered(scene.tenant.scim.get(`/Users/${ada}`), 200)
    expect(await erasuresIn(scene)).toEqual([])
    await org.remove(memberId)
    await answered(erase(scene, { userId: ada }), 200)
  })

  test('two at once end as one', async () => {
    const scene = await aScene(app)
    const { idp, org } = scene
    await org.save()
    const ada = await idp.user('ada')
    await idp.setActive(ada, false)
    const answers = await Promise.all([erase(scene, { userId: ada }), erase(scene, { userId: ada })])
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect(answers.map(({ body }) => body.userIds.length).sort()).toEqual([0, 1])
  })

  test('who is not known, or not named, or named twice', async () => {
    const scene = await aScene(app)
    const other = await aScene(app)
    const elsewhere = await other.idp.user('ada', { active: false })
    for (const userId of [elsewhere, 'x', '00000000-0000-7000-8000-000000000000'])
      expectProblem(await erase(scene, { userId }), 404)
    expectProblem(await erase(scene, {}), 400, { field: 'userId' })
    expectProblem(await erase(scene, { userId: elsewhere, email: 'ada@acme.test' }), 400, { field: 'userId' })
    expectProblem(await erase(scene, { name: 'ada' }), 400, { field: 'name' })
    await answered(other.tenant.scim.get(`/Users/${elsewhere}`), 200)
  })
})

describe('from one organization', () => {
  const eraseMember = ({ org }: Scene, body: object) => admin.post(org.path('/erasures'), body)

  test('a former member whom the directory does not have, by id and by address, twice as once', async () => {
    const scene = await aScene(app)
    const { org } = scene
    const byId = await org.add({ email: 'first@former.example' })
    const byAddress = await org.add({ email: 'second@former.example' })
    const stays = await org.add({ email: 'third@former.example' })
    for (const id of [byId, byAddress, stays]) await org.remove(id)
    const one = (await answered(eraseMember(scene, { memberId: byId }), 200)).body
    expect(one).toEqual({ ...nothing, members: [{ organizationId: org.id, memberId: byId }] })
    await answered(eraseMember(scene, { email: 'Second@former.example' }), 200)
    expect(await found(['first@', 'second@', 'third@'])).toEqual(['third@'])
    expect((await answered(eraseMember(scene, { memberId: byId }), 200)).body).toEqual(nothing)
    expect(await erasuresIn(scene)).toEqual([`member.erased ${byId}`, `member.erased ${byAddress}`])
  })

  test('who is in, who is in the directory and who is unknown: refused', async () => {
    const scene = await aScene(app)
    const { idp, org } = scene
    const memberId = await org.add({ email: 'ada@acme.test' })
    expect(expectProblem(await eraseMember(scene, { memberId }), 409)).toContain(`remove member ${memberId}`)
    await org.remove(memberId)
    const ada = await idp.user('ada', { active: false })
    const known = expectProblem(await eraseMember(scene, { email: 'ada@acme.test' }), 409)
    expect(known).toContain(`is user ${ada} of the directory`)
    const other = await aScene(app)
    expectProblem(await eraseMember(other, { memberId }), 404)
    expectProblem(await eraseMember(scene, {}), 400, { field: 'memberId' })
    expect(await erasuresIn(scene)).toEqual([])
  })
})

describe('after a time', () => {
  const worker = (removedMembersRetentionDays: number) =>
    startWorker({
      services: app.services,
      pool: app.database.pool,
      logger: pino({ level: 'silent' }),
      config: { eventsRetentionDays: 0, removedMembersRetentionDays, syncIntervalMs: 0, pollMs: 20 },
    })

  test('E8 members who left that long ago, and whom the directory does not have, are erased by the worker', async () => {
    const scene = await aScene(app)
    const { idp, org } = scene
    await org.save({ mode: 'manual' })
    const ids: Record<string, string> = {}
    for (const name of ['long', 'lately', 'known', 'linked', 'stays'])
      ids[name] = await org.add({ email: `${name}@leaver.example` })
    await idp.user('x1', { emails: [{ value: 'known@leaver.example', primary: true }], active: false })
    const linked = await idp.user('x2', { emails: [{ value: 'linked@leaver.example', primary: true }] })
    for (const name of ['long', 'lately', 'known', 'linked']) await org.remove(ids[name] ?? '')
    await idp.setActive(linked, false)
    await app.database.client.$executeRaw`
      UPDATE members SET removed_at = now() - interval '31 days'
      WHERE organization_id = ${org.id}::uuid AND status = 'removed' AND email <> 'lately@leaver.example'`
    const stop = await worker(30)
    await expect.poll(() => erasuresIn(scene), { timeout: 15_000 }).toEqual([`member.erased ${ids.long}`])
    await stop()
    expect(
      await found(['long@leaver', 'lately@leaver', 'known@leaver', 'linked@leaver', 'stays@leaver']),
    ).toEqual(['lately@leaver', 'known@leaver', 'linked@leaver', 'stays@leaver'])
    expect(await org.seen()).toEqual({ stays: 'user premium' })
    const [event] = (await eventsOf(app, scene.tenant.directoryId)).filter(
      ({ type }) => type === 'member.erased',
    )
    expect(event).toMatchObject({ actor: { kind: 'system' }, data: { because: 'retention' } })
  })
})

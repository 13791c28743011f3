// Settings as a file: what GET answers can be sent back as it is, and mappings may name their groups by name.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectProblem } from '../../support/answers.ts'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { type Administrated, answered, aScene, eventsOf } from '../../support/provisioning.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

const put = (org: Administrated, body: unknown) => org.admin.put(org.path('/provisioning'), body)
const preview = (org: Administrated, body: unknown) => org.admin.post(org.path('/provisioning:preview'), body)
const held = async (org: Administrated) =>
  (await answered(org.admin.get(org.path('/provisioning')), 200)).body

/** Ann and bob are members by the groups Leads and Staff. */
async function aMappedTeam() {
  const scene = await aScene(app)
  const { idp, org } = scene
  const [ann, bob] = [await idp.user('ann'), await idp.user('bob')]
  const leads = await idp.group('Leads', [ann])
  const staff = await idp.group('Équipe & Staff', [ann, bob])
  await org.map([
    { groupId: leads, role: 'owner' },
    { groupId: staff, role: 'user' },
    { groupId: staff, seatType: 'standard' },
  ])
  return { ...scene, leads, staff }
}

describe('S3 settings as a file', () => {
  test('S3 PUT of what GET answers changes nothing: no version, no event, nobody', async () => {
    const { tenant, org } = await aMappedTeam()
    const [settings, events, seen] = [
      await held(org),
      await eventsOf(app, tenant.directoryId),
      await org.seen(),
    ]
    expect(settings).toMatchObject({ version: 2, mappings: [{ groupName: 'Leads', seatType: null }, {}, {}] })
    const saved = await answered(put(org, settings), 200)
    const changes = { added: 0, changed: 0, removed: 0, waiting: 0, unchanged: 2 }
    expect(saved.body).toEqual({ ...settings, changes })
    expect(saved.headers.etag).toBe('"2"')
    expect(await held(org)).toEqual(settings)
    expect(await eventsOf(app, tenant.directoryId)).toEqual(events)
    expect(await org.seen()).toEqual(seen)
  })

  test('S1 the preview takes it too, and foresees that nothing changes', async () => {
    const { org } = await aMappedTeam()
    const { body } = await answered(preview(org, await held(org)), 200)
    expect(body).toMatchObject({ version: 2, people: [], warnings: [] })
    expect(body.counts).toEqual({ added: 0, changed: 0, removed: 0, waiting: 0, unchanged: 2 })
  })

  test('S3 the same mappings in another order, or twice, are the same settings', async () => {
    const { org } = await aMappedTeam()
    const settings = await held(org)
    const mappings = [...settings.mappings].reverse().concat(settings.mappings[0])
    expect((await answered(put(org, { ...settings, mappings }), 200)).body.version).toBe(2)
    expect(await held(org)).toEqual(settings)
  })

  test('S3 what differs in one thing is a new version', async () => {
    const { org } = await aMappedTeam()
    const { version: _version, ...settings } = await held(org)
    const [first, ...rest] = settings.mappings
    const others = [
      { ...settings, mode: 'manual' },
      { ...settings, groupMappings: false },
      { ...settings, mappings: rest },
      { ...settings, mappings: [{ ...first, role: 'admin' }, ...rest] },
    ]
    for (const [i, other] of others.entries()) {
      const body = { ...other, acknowledge: ['no_top_role'] }
      expect((await answered(put(org, body), 200)).body.version).toBe(3 + i)
    }
  })

  test('S3 settings that are there already are still guarded and still evaluate everybody', async () => {
    const { org, idp, leads } = await aMappedTeam()
    const bob = await org.member('bob')
    await app.database.client.$executeRaw`
      UPDATE members SET role = 'admin' WHERE organization_id = ${org.id}::uuid AND id = ${bob.id}::uuid`
    expect((await answered(put(org, await held(org)), 200)).body).toMatchObject({
      version: 2,
      changes: { changed: 1, unchanged: 1 },
    })
    expect(await org.seen()).toEqual({ ann: 'owner standard', bob: 'user standard' })

    const [ann = ''] = [(await org.member('ann')).userId ?? '']
    await idp.drop(leads, ann)
    await app.database.client.$executeRaw`
      UPDATE members SET role = 'owner' WHERE organization_id = ${org.id}::uuid AND user_id = ${ann}::uuid`
    expect((await answered(put(org, await held(org)), 409)).body).toMatchObject({
      warnings: [{ name: 'no_top_role' }],
    })
  })
})

describe('S1 the version in the body', () => {
  test('S1 stands for If-Match: another one is refused (412), in a preview too', async () => {
    const { org } = await aMappedTeam()
    const settings = await held(org)
    await answered(put(org, { ...settings, mode: 'jit' }), 200)
    expectProblem(await put(org, settings), 412)
    expectProblem(await preview(org, settings), 412)
    expect(await held(org)).toMatchObject({ version: 3, mode: 'jit' })
  })

  test('S1 If-Match goes before it, and without both any version will do', async () => {
    const { org } = await aMappedTeam()
    const { version: _version, ...settings } = await held(org)
    await answered(put(org, { ...settings, version: 9 }).set('If-Match', '"2"'), 200)
    await answered(put(org, { ...settings, version: 9 }).set('If-Match', '*'), 200)
    expectProblem(await put(org, { ...settings, version: 2 }).set('If-Match', '"9"'), 412)
    await answered(put(org, settings), 200)
  })

  test('S1 what is no version is refused', async () => {
    const { org } = await aScene(app)
    for (const version of [0, 1.5, '1', null, 2 ** 31]) {
      expectProblem(await put(org, { mode: 'manual', version }), 400, { field: 'version' })
    }
  })
})

describe('E12 groups by name', () => {
  test('E12 a mapping may name its group by groupName alone, which compares as displayName does', async () => {
    const { org, leads, staff } = await aMappedTeam()
    const mappings = [
      { groupName: 'LEADS', role: 'owner' },
      { groupName: 'éQUIPE & staff', role: 'user', seatType: null },
      { groupId: null, groupName: 'ÉQUIPE & Staff', role: null, seatType: 'standard' },
    ]
    const saved = await answered(put(org, { mode: 'scim', groupMappings: true, mappings }), 200)
    expect(saved.body).toMatchObject({ version: 2, changes: { unchanged: 2 } })
    const { etag } = (await answered(preview(org, { mode: 'jit', groupMappings: true, mappings }), 200)).body
    const other = { mode: 'jit', groupMappings: true, mappings }
    await answered(put(org, other).set('If-Match', etag), 200)
    const groupIds = (await held(org)).mappings.map(({ groupId }: { groupId: string }) => groupId)
    expect(groupIds).toEqual([leads, staff, staff])
  })

  test('E12 one name in two spellings, or name and id of one group, are one mapping', async () => {
    const { org, leads } = await aMappedTeam()
    const role = 'owner'
    const mappings = [
      { groupName: 'leads', role },
      { groupName: 'Leads', role },
      { groupId: leads, role },
    ]
    const body = { mode: 'scim', groupMappings: true, mappings }
    const named = { groupId: leads, groupName: 'Leads', role, seatType: null }
    expect((await answered(put(org, body), 200)).body.mappings).toEqual([named])
  })

  test('E12 a name that no group has is refused by its place, and nothing is saved', async () => {
    const { org, idp, leads } = await aMappedTeam()
    const elsewhere = await aScene(app)
    await elsewhere.idp.group('Elsewhere')
    await idp.deleteGroup(await idp.group('Gone'))
    const before = await held(org)
    for (const groupName of ['Leeds', 'Elsewhere', 'Gone', '', leads, '%', 'Leads ']) {
      const mappings = [
        { groupName: 'Leads', role: 'owner' },
        { groupName, role: 'user' },
      ]
      const detail = expectProblem(await put(org, { mode: 'scim', groupMappings: true, mappings }), 400, {
        field: 'mappings[1].groupName',
      })
      expect(detail).toBe(`The directory has no group named ${JSON.stringify(groupName)}.`)
    }
    expect(await held(org)).toEqual(before)
  })

  test('E12 a mapping without a group, or with a name that is none, is refused', async () => {
    const { org } = await aMappedTeam()
    const save = (mapping: object) => put(org, { mode: 'scim', mappings: [mapping] })
    for (const mapping of [{ role: 'user' }, { groupId: null, groupName: null, role: 'user' }]) {
      expectProblem(await save(mapping), 400, { field: 'mappings[0].groupId' })
    }
    for (const groupName of [1, ['Leads'], '\u0000', 'x'.repeat(501)]) {
      expectProblem(await save({ groupName, role: 'user' }), 400, { field: 'mappings[0].groupName' })
    }
    for (const mapping of [{}, { role: null, seatType: null }, { role: 'user', seatType: 'premium' }]) {
      expectProblem(await save({ groupName: 'Leads', ...mapping }), 400, { field: 'mappings[0]' })
    }
  })

  test('E12 beside an id the name is for people: a file from before a rename still holds', async () => {
    const { org, idp, leads } = await aMappedTeam()
    const file = await held(org)
    await idp.patchGroup(leads, { op: 'replace', path: 'displayName', value: 'Heads' })
    expect((await answered(put(org, file), 200)).body).toMatchObject({
      version: 2,
      mappings: [{ groupId: leads, groupName: 'Heads' }, {}, {}],
    })
  })

  test('E12 but the name of another group than the id is refused: one of the two was edited', async () => {
    const { org, leads } = await aMappedTeam()
    const file = await held(org)
    const mappings = [{ groupId: leads, groupName: 'équipe & staff', role: 'owner' }]
    const detail = expectProblem(await put(org, { ...file, mappings }), 400, {
      field: 'mappings[0].groupName',
    })
    expect(detail).toContain('is another group than')
    expect(await held(org)).toEqual(file)
  })
})

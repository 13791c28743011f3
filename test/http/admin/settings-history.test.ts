// The history of settings: every version is kept, can be read and compared, and applied again by a save like any other.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectProblem } from '../../support/answers.ts'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { type Administrated, answered, aScene } from '../../support/provisioning.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

const read = async (org: Administrated, rest: string) =>
  (await answered(org.admin.get(org.path(`/provisioning${rest}`)), 200)).body
const put = (org: Administrated, body: unknown) => org.admin.put(org.path('/provisioning'), body)
const numbers = async (org: Administrated): Promise<number[]> =>
  (await read(org, '/versions')).versions.map(({ version }: { version: number }) => version)

/** Version 1 as created, 2 and 3 saved. */
async function aHistory() {
  const scene = await aScene(app)
  const { idp, org } = scene
  const [ann, bob] = [await idp.user('ann'), await idp.user('bob')]
  const leads = await idp.group('Leads', [ann])
  const staff = await idp.group('Staff', [ann, bob])
  await org.map([
    { groupId: leads, role: 'owner' },
    { groupId: staff, role: 'user' },
  ])
  await org.map([
    { groupId: leads, role: 'owner' },
    { groupId: leads, seatType: 'standard' },
    { groupId: staff, role: 'admin' },
  ])
  return { ...scene, leads, staff }
}

describe('A2 versions of settings', () => {
  test('A2 every version is kept, newest first, with who saved it and when', async () => {
    const { org } = await aHistory()
    const { versions, next } = await read(org, '/versions')
    expect(versions).toEqual([
      { version: 3, savedAt: expect.any(String), actor: anAdmin, mode: 'scim', groupMappings: true },
      { version: 2, savedAt: expect.any(String), actor: anAdmin, mode: 'scim', groupMappings: true },
      {
        version: 1,
        savedAt: expect.any(String),
        actor: { kind: 'system' },
        mode: 'manual',
        groupMappings: false,
      },
    ])
    expect(next).toBeNull()
    const times = versions.map(({ savedAt }: { savedAt: string }) => Date.parse(savedAt))
    expect(times).toEqual([...times].sort((a, b) => b - a))
  })

  test('A2 in pages; limits and places that are none are refused', async () => {
    const { org } = await aHistory()
    const first = await read(org, '/versions?limit=2')
    expect([first.versions.map(({ version }: { version: number }) => version), first.next]).toEqual([
      [3, 2],
      2,
    ])
    const second = await read(org, `/versions?limit=2&after=${first.next}`)
    expect([second.versions.map(({ version }: { version: number }) => version), second.next]).toEqual([
      [1],
      null,
    ])
    for (const query of ['limit=x', 'after=x', 'after=0', 'after=99999999999']) {
      const answer = await org.admin.get(org.path(`/provisioning/versions?${query}`))
      expectProblem(answer, 400, { field: query.split('=')[0] ?? '' })
    }
  })

  test('A2 one version is the body that PUT takes, of the current one too', async () => {
    const { org, leads, staff } = await aHistory()
    const atFirst = { mode: 'manual', groupMappings: false, mappings: [], brake: null }
    expect(await read(org, '/versions/1')).toEqual(atFirst)
    expect(await read(org, '/versions/2')).toEqual({
      mode: 'scim',
      groupMappings: true,
      mappings: [
        { groupId: leads, groupName: 'Leads', role: 'owner', seatType: null },
        { groupId: staff, groupName: 'Staff', role: 'user', seatType: null },
      ],
      brake: null,
    })
    const { version, ...current } = await read(org, '')
    expect(await read(org, `/versions/${version}`)).toEqual(current)
  })

  test('A2 a save that is refused, a preview and a save of what is there keep no version', async () => {
    const { org } = await aHistory()
    const current = await read(org, '')
    await answered(put(org, { mode: 'scim', groupMappings: true }), 409)
    await answered(org.admin.post(org.path('/provisioning:preview'), { mode: 'manual' }), 200)
    await answered(put(org, current), 200)
    expect(await numbers(org)).toEqual([3, 2, 1])
  })

  test('A2 versions and organizations that are none are not found', async () => {
    const { org } = await aHistory()
    const paths = ['4', '0', '-1', '01', 'x', '1.0', '99999999999', '4/diff?with=1', '1/diff?with=4']
    for (const path of paths) {
      expectProblem(await org.admin.get(org.path(`/provisioning/versions/${path}`)), 404)
    }
    for (const path of ['', '/1', '/1/diff?with=1']) {
      expectProblem(await org.admin.get(`/organizations/${noOne}/provisioning/versions${path}`), 404)
    }
    for (const path of ['1/diff', '1/diff?with=x']) {
      expectProblem(await org.admin.get(org.path(`/provisioning/versions/${path}`)), 400, { field: 'with' })
    }
    expectProblem(await org.admin.delete(org.path('/provisioning/versions/1')), 405)
  })

  test('A2 each organization has its own', async () => {
    const { join } = await aHistory()
    const other = await join('enterprise_seats')
    expect(await numbers(other)).toEqual([1])
    expectProblem(await other.admin.get(other.path('/provisioning/versions/2')), 404)
  })
})

describe('A2 two versions compared', () => {
  test('A2 mappings that came and went, modes from and to, in either direction', async () => {
    const { org, leads, staff } = await aHistory()
    const [asAdmin, asUser] = ['admin', 'user'].map((role) => ({
      groupId: staff,
      groupName: 'Staff',
      role,
      seatType: null,
    }))
    const seats = { groupId: leads, groupName: 'Leads', role: null, seatType: 'standard' }
    expect(await read(org, '/versions/3/diff?with=2')).toEqual({
      from: 2,
      to: 3,
      changes: {
        mode: null,
        groupMappings: null,
        mappings: { added: [seats, asAdmin], removed: [asUser] },
        brake: null,
      },
    })
    expect(await read(org, '/versions/1/diff?with=2')).toMatchObject({
      from: 2,
      to: 1,
      changes: {
        mode: { from: 'scim', to: 'manual' },
        groupMappings: { from: true, to: false },
        mappings: { added: [], removed: [{ groupId: leads }, asUser] },
      },
    })
    expect((await read(org, '/versions/2/diff?with=2')).changes).toEqual({
      mode: null,
      groupMappings: null,
      mappings: { added: [], removed: [] },
      brake: null,
    })
  })
})

describe('S3 a version applied again', () => {
  test('S3 previewed, guarded and saved like any other settings, as a new version', async () => {
    const { org, idp, leads } = await aHistory()
    const past = await read(org, '/versions/2')
    const preview = await answered(org.admin.post(org.path('/provisioning:preview'), past), 200)
    expect(preview.body).toMatchObject({ version: 3, counts: { changed: 1, unchanged: 1 } })
    const saved = await answered(put(org, past).set('If-Match', preview.body.etag), 200)
    expect(saved.body).toMatchObject({ version: 4, mappings: past.mappings, changes: { changed: 1 } })
    expect(await read(org, '/versions/4')).toEqual(past)

    await idp.drop(leads, (await org.member('ann')).userId ?? '')
    await org.save({ mode: 'manual' })
    await org.change((await org.member('ann')).id, { role: 'owner' })
    expect((await answered(put(org, past), 409)).body).toMatchObject({ warnings: [{ name: 'no_top_role' }] })
  })

  test('S4 a deletion that takes mappings along is a version of its own, by whoever deleted', async () => {
    const { org, idp, leads, staff } = await aHistory()
    await idp.deleteGroup(staff)
    const { versions } = await read(org, '/versions')
    expect(versions[0]).toMatchObject({ version: 4, actor: { kind: 'directory_token' }, mode: 'scim' })
    expect((await read(org, '/versions/4')).mappings).toMatchObject([{ groupId: leads }, { groupId: leads }])
    const gone = { groupId: staff, groupName: 'Staff', role: 'admin', seatType: null, gone: true }
    expect((await read(org, '/versions/4/diff?with=3')).changes.mappings).toEqual({
      added: [],
      removed: [gone],
    })
  })

  test('S4 names are those of now; a group that is gone is marked, has its last name and cannot be mapped', async () => {
    const { org, idp, leads, staff } = await aHistory()
    await idp.patchGroup(leads, { op: 'replace', path: 'displayName', value: 'Heads' })
    await idp.deleteGroup(staff)
    const past = await read(org, '/versions/2')
    expect(past.mappings).toEqual([
      { groupId: leads, groupName: 'Heads', role: 'owner', seatType: null },
      { groupId: staff, groupName: 'Staff', role: 'user', seatType: null, gone: true },
    ])
    const refused = expectProblem(await put(org, past), 400, { field: 'mappings[1].groupId' })
    expect(refused).toContain('"Staff"')
    // another group of that name is another group, until somebody says that it is meant (E12)
    const again = await idp.group('Staff')
    expectProblem(await put(org, past), 400, { field: 'mappings[1].groupId' })
    const [first, { groupId: _gone, ...byName }] = past.mappings
    const saved = await answered(put(org, { ...past, mappings: [first, byName] }), 200)
    expect(saved.body.mappings[1]).toMatchObject({ groupId: again })
  })

  test('S3 any settings, saved and read and saved again, are the same, and so is every version of the past', async () => {
    const { org, idp } = await aScene(app)
    const groups = await Promise.all(
      ['Ä', 'b', 'C c'].map(async (name) => ({ name, id: await idp.group(name) })),
    )
    const target = fc.constantFrom(
      { role: 'owner' },
      { role: 'admin', seatType: null },
      { seatType: 'premium' },
      { role: null, seatType: 'standard' },
    )
    const group = fc
      .constantFrom(...groups)
      .chain(({ name, id }) =>
        fc.constantFrom(
          { groupId: id },
          { groupName: name },
          { groupName: name.toLowerCase(), groupId: null },
          { groupId: id, groupName: name.toUpperCase() },
        ),
      )
    const mapping = fc.tuple(group, target).map(([named, given]) => ({ ...named, ...given }))
    const settings = fc.record({
      mode: fc.constantFrom('manual', 'jit', 'scim'),
      groupMappings: fc.boolean(),
      mappings: fc.array(mapping, { maxLength: 8 }),
      brake: fc.constantFrom(
        null,
        { maxRemovals: 5, withinMinutes: 60 },
        { maxRemovedPercent: 0, maxRemovals: null, withinMinutes: 1 },
        { maxRemovals: 0, maxRemovedPercent: 100, withinMinutes: 43_200 },
      ),
    })
    await fc.assert(
      fc.asyncProperty(settings, async (body) => {
        const saved = (await answered(put(org, body), 200)).body
        const current = await read(org, '')
        const { changes: _changes, ...answer } = saved
        expect(answer).toEqual(current)
        expect((await answered(put(org, current), 200)).body).toEqual({ ...current, changes: nothing })
        const { version, ...shown } = current
        expect(await read(org, `/versions/${version}`)).toEqual(shown)
        const first = await read(org, '/versions/1')
        expect((await answered(put(org, first), 200)).body).toMatchObject({ mode: 'manual', mappings: [] })
        const back = (await answered(put(org, shown), 200)).body
        expect(back).toMatchObject(shown)
        const { changes } = await read(org, `/versions/${back.version}/diff?with=${version}`)
        const same = { mode: null, groupMappings: null, mappings: { added: [], removed: [] }, brake: null }
        expect(changes).toEqual(same)
      }),
      { numRuns: 25 },
    )
    const kept = await numbers(org)
    expect(kept).toEqual(kept.map((_, i) => kept.length - i))
  })
})

const noOne = '00000000-0000-7000-8000-000000000000'
const anAdmin = { kind: 'admin_token', id: expect.any(String), requestId: expect.any(String) }
const nothing = { added: 0, changed: 0, removed: 0, waiting: 0, unchanged: 0 }

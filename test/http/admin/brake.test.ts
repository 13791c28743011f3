// S5 over HTTP: the limit as part of the provisioning settings, their history and preview; and what is refused.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectProblem } from '../../support/answers.ts'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { type Administrated, answered, aScene } from '../../support/provisioning.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

const put = (org: Administrated, body: object) => org.admin.put(org.path('/provisioning'), body)
const read = async (org: Administrated, rest = '') =>
  (await answered(org.admin.get(org.path(`/provisioning${rest}`)), 200)).body

describe('S5 the limit in the settings', () => {
  test('S5 off by default; saved, read, compared and applied again like any other setting', async () => {
    const { org } = await aScene(app)
    expect((await read(org)).brake).toBeNull()
    const brake = { maxRemovals: 50, maxRemovedPercent: 5, withinMinutes: 60 }
    expect((await answered(put(org, { mode: 'scim', brake }), 200)).body).toMatchObject({ version: 2, brake })
    expect(await read(org)).toMatchObject({ version: 2, brake })
    // what is there already makes no version; another limit does
    expect((await answered(put(org, await read(org)), 200)).body.version).toBe(2)
    const other = { maxRemovals: 50, withinMinutes: 60 }
    const shown = { ...other, maxRemovedPercent: null }
    expect((await answered(put(org, { mode: 'scim', brake: other }), 200)).body).toMatchObject({
      version: 3,
      brake: shown,
    })
    expect((await read(org, '/versions/3/diff?with=2')).changes).toEqual({
      mode: null,
      groupMappings: null,
      mappings: { added: [], removed: [] },
      brake: { from: brake, to: shown },
    })
    expect((await answered(put(org, await read(org, '/versions/2')), 200)).body).toMatchObject({
      version: 4,
      brake,
    })
    // a body without it has none, as one without mappings has none
    expect((await answered(put(org, { mode: 'scim' }), 200)).body).toMatchObject({ version: 5, brake: null })
    expect((await answered(org.admin.get(org.path('')), 200)).body).not.toHaveProperty('brake')
  })

  test('S5 the event of a save tells the limit before and after', async () => {
    const { org } = await aScene(app)
    await answered(put(org, { mode: 'manual', brake: { maxRemovedPercent: 0, withinMinutes: 1 } }), 200)
    const path = `/events?organization=${org.id}&type=settings.saved`
    const { events } = (await answered(org.admin.get(path), 200)).body
    expect(events).toMatchObject([
      {
        data: {
          before: { brake: null },
          after: { brake: { maxRemovals: null, maxRemovedPercent: 0, withinMinutes: 1 } },
        },
      },
    ])
  })

  test('S5 versions that were kept before there was a brake are read, compared and applied as without one', async () => {
    const { org } = await aScene(app)
    await app.database.client.$executeRaw`
      UPDATE settings_versions SET settings = settings - 'brake' WHERE organization_id = ${org.id}::uuid`
    await answered(put(org, { mode: 'manual', brake: { maxRemovals: 1, withinMinutes: 1 } }), 200)
    const first = await read(org, '/versions/1')
    expect(first).toEqual({ mode: 'manual', groupMappings: false, mappings: [], brake: null })
    expect((await read(org, '/versions/1/diff?with=2')).changes.brake).toEqual({
      from: { maxRemovals: 1, maxRemovedPercent: null, withinMinutes: 1 },
      to: null,
    })
    expect((await answered(put(org, first), 200)).body).toMatchObject({ version: 3, brake: null })
  })

  test('S5 S1 another limit than the one that was previewed is another save', async () => {
    const { org } = await aScene(app)
    const body = (maxRemovals: number) => ({ mode: 'scim', brake: { maxRemovals, withinMinutes: 60 } })
    const preview = await answered(org.admin.post(org.path('/provisioning:preview'), body(1)), 200)
    expectProblem(await put(org, body(2)).set('If-Match', preview.body.etag), 412)
    await answered(put(org, body(1)).set('If-Match', preview.body.etag), 200)
  })
})

describe('S5 what is refused', () => {
  test('S5 a limit that is none is refused by its field, and nothing is saved', async () => {
    const { org } = await aScene(app)
    const faults = [
      [{ withinMinutes: 60 }, 'brake'],
      [{ maxRemovals: null, maxRemovedPercent: null, withinMinutes: 60 }, 'brake'],
      [{ maxRemovals: 5 }, 'brake.withinMinutes'],
      [{ maxRemovals: 5, withinMinutes: null }, 'brake.withinMinutes'],
      [{ maxRemovals: 5, withinMinutes: 0 }, 'brake.withinMinutes'],
      [{ maxRemovals: 5, withinMinutes: 43_201 }, 'brake.withinMinutes'],
      [{ maxRemovals: -1, withinMinutes: 60 }, 'brake.maxRemovals'],
      [{ maxRemovals: 1.5, withinMinutes: 60 }, 'brake.maxRemovals'],
      [{ maxRemovals: '5', withinMinutes: 60 }, 'brake.maxRemovals'],
      [{ maxRemovals: 2_000_000_000, withinMinutes: 60 }, 'brake.maxRemovals'],
      [{ maxRemovedPercent: 101, withinMinutes: 60 }, 'brake.maxRemovedPercent'],
      [{ maxRemovals: 5, withinMinutes: 60, within: 1 }, 'brake.within'],
      [5, 'brake'],
      [[], 'brake'],
    ] as const
    for (const [brake, field] of faults) {
      expectProblem(await put(org, { mode: 'scim', brake }), 400, { field })
      expectProblem(await org.admin.post(org.path('/provisioning:preview'), { mode: 'scim', brake }), 400, {
        field,
      })
    }
    expect((await read(org)).version).toBe(1)
  })

  test('S5 a choice that is none, or of somebody who is no member here, is refused and changes nothing', async () => {
    const { idp, org } = await aScene(app)
    const elsewhere = await aScene(app)
    await elsewhere.idp.user('x')
    await elsewhere.org.save()
    const stranger = (await elsewhere.org.member('x')).id
    const id = await idp.user('a')
    await org.save({ brake: { maxRemovals: 0, withinMinutes: 60 } })
    await idp.deleteUser(id)
    const { id: memberId } = await org.member('a')
    const before = await org.members()
    for (const action of ['release', 'discard']) {
      const send = (body?: unknown) => org.admin.post(org.path(`/held-removals:${action}`), body)
      expectProblem(await send({}), 400, { field: 'memberIds' })
      expectProblem(await send({ all: true, memberIds: [memberId] }), 400, { field: 'memberIds' })
      expectProblem(await send({ memberIds: [] }), 400, { field: 'memberIds' })
      expectProblem(await send({ memberIds: memberId }), 400, { field: 'memberIds' })
      expectProblem(await send({ all: false }), 400, { field: 'all' })
      expectProblem(await send({ everybody: true }), 400, { field: 'everybody' })
      expectProblem(await send({ memberIds: [memberId, stranger] }), 400, { field: 'memberIds[1]' })
      expectProblem(await send({ memberIds: ['ann'] }), 400, { field: 'memberIds[0]' })
      expect((await send()).status).toBe(400)
      expectProblem(await org.admin.get(org.path(`/held-removals:${action}`)), 405)
      expectProblem(
        await org.admin.post(`/organizations/${noOne}/held-removals:${action}`, { all: true }),
        404,
      )
      expectProblem(await org.admin.post(`/organizations/x/held-removals:${action}`, { all: true }), 404)
    }
    expect(await org.members()).toEqual(before)
    expectProblem(await org.admin.get(`/organizations/${noOne}/held-removals`), 404)
    for (const query of ['limit=x', 'after=1']) {
      const field = query.split('=')[0] ?? ''
      expectProblem(await org.admin.get(org.path(`/held-removals?${query}`)), 400, { field })
    }
    expectProblem(await org.admin.get(org.path('/members?removal=gone')), 400, { field: 'removal' })
    expectProblem(await org.admin.delete(org.path('/held-removals')), 405)
  })
})

const noOne = '00000000-0000-7000-8000-000000000000'

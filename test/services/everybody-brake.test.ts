// S5 for whatever evaluates everybody because of what pushes brought: counted before anything is written, then held or
// let go as a whole.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PlanName } from '../../src/provisioning/catalogue.ts'
import { evaluateEverybody, removalsOfEverybody } from '../../src/services/everybody.ts'
import { lockOrganization } from '../../src/services/organizations.ts'
import { applyDecisions } from '../../src/store/apply.ts'
import { startTestApp, type TestApp } from '../support/app.ts'
import { type Administrated, aScene, eventsOf } from '../support/provisioning.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

const actor = { kind: 'system' } as const

/** As a sync does it. */
const evaluateAll = ({ id }: Administrated) =>
  app.database.transaction(async (tx) => {
    const organization = await lockOrganization(tx, id)
    const removals = await removalsOfEverybody(tx, actor, organization)
    const take = async (decisions: Parameters<typeof applyDecisions>[3]) => {
      await applyDecisions(tx, actor, organization, decisions)
    }
    const caution = { actingMemberId: null, maxRemovedPercent: 100 }
    return (await evaluateEverybody(tx, organization, caution, take, removals)).effects.counts
  })

/** Four members; three were deactivated in the database by hand, so that no push has looked at them. */
async function aDrift(plan: PlanName, maxRemovals: number) {
  const scene = await aScene(app, plan)
  const { idp, org, tenant } = scene
  const ids: string[] = []
  for (const name of ['a', 'b', 'c', 'd']) ids.push(await idp.user(name))
  if (plan === 'enterprise_seats') await org.buy({ premium: 4, standard: 0 })
  await org.save({ brake: { maxRemovals, withinMinutes: 60 } })
  if (plan === 'enterprise_seats') await idp.user('w')
  await app.database.client.$executeRaw`
    UPDATE users SET active = false
    WHERE directory_id = ${tenant.directoryId}::uuid AND id = ANY(${ids.slice(0, 3)}::uuid[])`
  return scene
}

test('S5 beyond the limit all of them are held, told once, and who waits goes on waiting; a second time changes nothing', async () => {
  const { org, tenant } = await aDrift('enterprise_seats', 2)
  expect(await evaluateAll(org)).toMatchObject({ removed: 0, changed: 3, unchanged: 2 })
  const members = await org.members()
  expect(members.map(({ status }) => status).sort()).toEqual([
    'active',
    'active',
    'active',
    'active',
    'waiting',
  ])
  expect(members.filter(({ removalHeldSince }) => removalHeldSince !== null)).toHaveLength(3)
  expect(await evaluateAll(org)).toMatchObject({ removed: 0, changed: 0, unchanged: 5 })
  const events = await eventsOf(app, tenant.directoryId)
  expect(events.filter(({ type }) => type === 'brake.engaged')).toHaveLength(1)
})

test('S5 within the limit they leave, and count for the pushes that follow', async () => {
  const { org, idp } = await aDrift('console', 3)
  expect(await evaluateAll(org)).toMatchObject({ removed: 3, changed: 0, unchanged: 1 })
  const last = await org.member('d')
  await idp.setActive(last.userId ?? '', false)
  expect(await org.members()).toMatchObject([{ id: last.id, removalHeldSince: expect.any(String) }])
})

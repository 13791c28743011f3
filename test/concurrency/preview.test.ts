// S1 from two instances at once: while pushes arrive, a save that asks for what was previewed does just that, or nothing.

import { expect, test } from 'vitest'
import { atOnce, changesOfSavingAgain, names, noChanges, useCluster } from '../support/cluster.ts'
import { answered } from '../support/provisioning.ts'

const cluster = useCluster()

test('S1 a preview while pushes arrive is of one moment, and saving does what it said or is refused', async () => {
  const { tenant, idp, org } = await cluster.scene()
  await org.buy({ premium: 4, standard: 2 })
  const people: string[] = []
  for (const name of names(12)) people.push(await idp.user(name))
  const [staff, leads] = [await idp.group('Staff', people.slice(0, 4)), await idp.group('Leads')]
  await org.save()
  const mappings = [
    { groupId: staff, role: 'user' },
    { groupId: leads, role: 'admin' },
  ]
  const outcomes = { saved: 0, refused: 0 }

  const round = async (turn: number) => {
    const { admin } = cluster.admin(org, turn)
    const acknowledge = ['many_removed', 'no_top_role']
    const body = { mode: 'scim', groupMappings: turn % 2 === 0, mappings, acknowledge }
    const preview = (await answered(admin.post(org.path('/provisioning:preview?limit=1000'), body), 200)).body
    const counts: Record<string, number> = preview.counts
    const { unchanged, ...changed } = counts
    expect(preview.people).toHaveLength(Object.values(changed).reduce((sum, count) => sum + count, 0))
    const saved = await admin.put(org.path('/provisioning'), body).set('If-Match', preview.etag)
    if (saved.status === 412) {
      outcomes.refused += 1
      return
    }
    expect(saved.status).toBe(200)
    const { unchanged: _unchanged, ...changes } = saved.body.changes
    expect(changes).toEqual(changed)
    outcomes.saved += 1
  }

  await atOnce([
    async () => {
      for (let turn = 0; turn < 12; turn += 1) await round(turn)
    },
    async () => {
      for (let turn = 0; turn < 12; turn += 1) await round(turn + 1)
    },
    async () => {
      for (const [i, id] of people.entries()) {
        await cluster.idp(tenant, i).add(i % 2 === 0 ? staff : leads, id)
        if (i % 3 === 0) await cluster.idp(tenant, i).setActive(id, false)
      }
    },
  ])
  expect(outcomes.saved + outcomes.refused).toBe(24)
  expect(outcomes.saved).toBeGreaterThan(0)
  expect(outcomes.refused).toBeGreaterThan(0)
  expect(await changesOfSavingAgain(org)).toMatchObject(noChanges)
})

// The history of settings from two instances at once: each version is kept once, none is missing, each follows from the
// one before.

import { expect, test } from 'vitest'
import { atOnce, useCluster } from '../support/cluster.ts'
import { answered } from '../support/provisioning.ts'

const cluster = useCluster()

test('A2 saves and deletions of mapped groups at once keep every version, in the order in which they came', async () => {
  const { tenant, idp, org, join } = await cluster.scene()
  const other = await join('console')
  const groups = await Promise.all(Array.from({ length: 6 }, (_, i) => idp.group(`Group ${i}`)))
  const mappings = groups.map((groupId) => ({ groupId, role: 'user' }))
  await org.save({ mode: 'jit', groupMappings: true, mappings })
  await other.save({ mode: 'jit', groupMappings: true, mappings })

  const save = (turn: number) => async () => {
    const organization = cluster.admin(turn % 3 === 0 ? other : org, turn)
    // by name and without the groups that are deleted meanwhile
    const body = {
      mode: turn % 2 === 0 ? 'manual' : 'jit',
      mappings: [{ groupName: 'group 5', role: 'user' }],
    }
    await answered(organization.admin.put(organization.path('/provisioning'), body), 200)
  }
  const remove = (groupId: string, turn: number) => () => cluster.idp(tenant, turn).deleteGroup(groupId)
  await atOnce([
    ...groups.slice(0, 5).map((groupId, i) => remove(groupId, i)),
    ...Array.from({ length: 12 }, (_, i) => save(i)),
  ])

  for (const { admin, path } of [org, other].map((each) => ({
    admin: each.admin,
    path: each.path('/provisioning'),
  }))) {
    const get = async (rest: string) => (await answered(admin.get(`${path}${rest}`), 200)).body
    const { version: last, ...current } = await get('')
    const kept: { version: number; savedAt: string }[] = (await get('/versions')).versions
    expect(last).toBeGreaterThan(2)
    expect(kept.map(({ version }) => version)).toEqual(Array.from({ length: last }, (_, i) => last - i))
    const times = kept.map(({ savedAt }) => savedAt)
    expect(times).toEqual([...times].sort().reverse())
    expect(await get(`/versions/${last}`)).toEqual(current)
    for (let version = 2; version <= last; version += 1) {
      const { changes } = await get(`/versions/${version}/diff?with=${version - 1}`)
      const { added, removed } = changes.mappings
      const isSame =
        changes.mode === null && changes.groupMappings === null && added.length + removed.length === 0
      expect({ version, isSame }).toEqual({ version, isSame: false })
    }
  }
})

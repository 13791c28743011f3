// Y1: what was changed by hand and can be known is put right: columns that do not say what their document says, members
// that the plan cannot have, seats that were not counted.

import { BEFORE_ALL_IDS } from '../ids.ts'
import { type Mended, mendedMember } from '../provisioning/mending.ts'
import { resourceTypeNames, typesWith } from '../scim/resource-types.ts'
import type { ResourceType, ResourceTypeName } from '../scim/schema.ts'
import { applyChanges, type MemberChange } from '../store/apply.ts'
import { beginComparison, type Comparison, noteComparison } from '../store/comparisons.ts'
import type { Database, Tx } from '../store/database.ts'
import {
  type Discrepancy,
  findDiffering,
  isMendable,
  lockDiscrepancies,
  resourceIdsAfter,
  rewrite,
} from '../store/derived.ts'
import { lockDirectory } from '../store/directories.ts'
import { type Actor, appendEvents, type NewEvent } from '../store/events.ts'
import { listExtensionSchemas } from '../store/extension-schemas.ts'
import { ahead, inChunks } from '../store/in-parts.ts'
import { type LockedOrganization, lockOrganizations } from '../store/locked-organizations.ts'
import { recountSeats, wrongMembers } from '../store/mending.ts'
import { recountResources } from '../store/resource-counts.ts'
import { evaluateOrganization } from './evaluation.ts'
import { nextVersion } from './resource-writing.ts'

/** Resources compared at a time: what bounds memory, and how long one transaction holds its rows. */
const CHUNK = 500
const IDS = 10 * CHUNK

type MendedResources = Pick<Mended, 'users' | 'groups' | 'unmended'>
export const noResources: MendedResources = { users: 0, groups: 0, unmended: 0 }

/** A directory to mend, and who asks. */
export interface Mending {
  readonly actor: Actor
  readonly directoryId: string
  /** organizations that are evaluated after this in any case */
  readonly evaluatedAfter: ReadonlySet<string>
  readonly signal: AbortSignal | null
}

/**
 * Compares every resource of the directory that was written since the last time with what is kept beside it, without a
 * lock; where something differs, locks those resources, puts them right, and evaluates their people in the other
 * organizations of the directory.
 */
export async function mendDirectory(database: Database, mending: Mending): Promise<MendedResources> {
  const { directoryId, signal } = mending
  const comparison = await beginComparison(database.statements, directoryId)
  const types = typesWith(await listExtensionSchemas(database.client, directoryId))
  let total = noResources
  for (const name of resourceTypeNames) {
    const compare = (ids: readonly string[]) =>
      findDiffering(database.statements, directoryId, types[name], ids)
    const chunks = chunksOfIds(database.statements, directoryId, types[name], comparison)
    for await (const wrong of ahead(chunks, compare)) {
      signal?.throwIfAborted()
      if (wrong.length === 0) continue
      total = sum(total, await database.transaction((tx) => mendResources(tx, mending, name, wrong)))
    }
  }
  await recountResources(database.client, directoryId)
  await noteComparison(database.statements, directoryId, comparison, { isAllRight: total.unmended === 0 })
  return total
}

async function* chunksOfIds(
  tx: Tx,
  directoryId: string,
  type: ResourceType,
  comparison: Comparison,
): AsyncGenerator<string[]> {
  for (let after = BEFORE_ALL_IDS; ; ) {
    const ids = await resourceIdsAfter(tx, directoryId, type, comparison, { after, limit: IDS })
    const last = ids.at(-1)
    if (last === undefined) return
    yield* inChunks(ids, CHUNK)
    after = last
  }
}

const sum = (a: MendedResources, b: MendedResources): MendedResources => ({
  users: a.users + b.users,
  groups: a.groups + b.groups,
  unmended: a.unmended + b.unmended,
})

async function mendResources(
  tx: Tx,
  mending: Mending,
  name: ResourceTypeName,
  ids: readonly string[],
): Promise<MendedResources> {
  const { actor, directoryId } = mending
  await lockDirectory(tx, directoryId, 'shared')
  const type = typesWith(await listExtensionSchemas(tx, directoryId))[name]
  const found = await lockDiscrepancies(tx, directoryId, type, ids)
  const done: Discrepancy[] = []
  for (const each of found) {
    if (!(await isMendable(tx, directoryId, type, each))) continue
    await rewrite(tx, directoryId, type, nextVersion(each.resource, each.resource.attributes))
    done.push(each)
  }
  const count = name === 'User' ? { users: done.length, groups: 0 } : { users: 0, groups: done.length }
  if (done.length > 0) {
    const told = done.map((each) => resourceEvent(directoryId, type, each))
    await appendEvents(tx, actor, [
      ...told,
      { type: 'directory.mended', directoryId, subjectId: directoryId, data: { mended: count } },
    ])
    if (name === 'User') await evaluateElsewhere(tx, mending, done)
  }
  return { ...count, unmended: found.length - done.length }
}

/** As any other update is told, but that no attribute of the resource changed. */
function resourceEvent(
  directoryId: string,
  { name }: ResourceType,
  { resource, names, derived }: Discrepancy,
): NewEvent {
  const active = names.includes('active')
    ? { before: { active: derived.active !== true }, after: { active: derived.active === true } }
    : {}
  return {
    type: name === 'User' ? 'user.updated' : 'group.updated',
    directoryId,
    subjectId: resource.id,
    data: { changed: [], mended: names, ...active },
  }
}

/** Whether somebody is assigned, and who they are, may be other than the organizations were told. */
async function evaluateElsewhere(tx: Tx, mending: Mending, users: readonly Discrepancy[]): Promise<void> {
  const { actor, directoryId, evaluatedAfter } = mending
  const facts = ['active', 'email', 'emailKey']
  const concerned = users.filter(({ names }) => names.some((name) => facts.includes(name)))
  if (concerned.length === 0) return
  const userIds = concerned.map(({ resource }) => resource.id)
  for (const organization of await lockOrganizations(tx, directoryId, { kind: 'every' })) {
    if (evaluatedAfter.has(organization.id)) continue
    await evaluateOrganization(tx, actor, organization, { userIds, memberIds: [], waiting: 'where_freed' })
  }
}

/**
 * Puts members right that the plan cannot have, and counts the seats; the organization must be locked, and is to be
 * read again afterwards.
 */
export async function mendOrganization(
  tx: Tx,
  actor: Actor,
  organization: LockedOrganization,
): Promise<Pick<Mended, 'members' | 'seats'>> {
  // before members are written: what they give back is taken off a count that is right
  const seats = await recountSeats(tx, organization)
  let members = 0
  for await (const wrong of wrongMembers(tx, organization)) {
    const changes = wrong.map((before): MemberChange => {
      const after = mendedMember(before, organization.settings)
      return { before, after, why: [{ rule: 'P1', code: 'unknown_to_plan' }] }
    })
    await applyChanges(tx, actor, organization, changes)
    members += changes.length
  }
  return { members, seats }
}

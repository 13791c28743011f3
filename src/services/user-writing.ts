// Writing users in a transaction that is open, with all that follows for members: whoever pushes, by SCIM or by WorkOS.
import { emailKeyOf } from '../provisioning/identity.ts'
import { type Attributes, isSame } from '../scim/resource.ts'
import { inTurn, type Tx } from '../store/database.ts'
import type { StructureLock } from '../store/directories.ts'
import { appendEvents, type NewEvent } from '../store/events.ts'
import { touchGroups } from '../store/groups.ts'
import { type Concern, lockOrganizations } from '../store/locked-organizations.ts'
import { followEmail, linkMembers, unlinkUsers } from '../store/members.ts'
import { directGroupsOfUsers } from '../store/memberships.ts'
import { deleteResources, type StoredResource } from '../store/resources.ts'
import type { Situation } from '../store/situations.ts'
import { insertUser, provisioningFacts, updateUser } from '../store/users.ts'
import type { DirectoryCaller } from './directory-write.ts'
import { evaluateOrganization, evaluateSituations, evaluateUsers, findSituations } from './evaluation.ts'
import { difference, keepUnique, newResource, nextVersion, taken } from './resource-writing.ts'

export async function createUser(
  tx: Tx,
  caller: DirectoryCaller,
  attributes: Attributes,
  lock: StructureLock,
): Promise<StoredResource> {
  const { directoryId, actor, types } = caller
  const user = newResource(attributes)
  const write = async () => {
    await insertUser(tx, directoryId, user, types.User, taken('User', 'userName', attributes))
    await keepUnique(tx, caller, 'User', null, user)
  }
  const { active } = provisioningFacts(attributes)
  const tell = () =>
    appendEvents(tx, actor, [
      { type: 'user.created', directoryId, subjectId: user.id, data: { after: { active } } },
    ])
  // a new user is in no group yet: no mapping can see it
  const evaluate = () =>
    evaluateUsers(tx, actor, directoryId, { kind: 'scim_without_mappings' }, [user.id], lock)
  await inTurn(tx, write, () => inTurn(tx, tell, evaluate))
  return user
}

/**
 * What the organizations are to a user that is about to be switched on or off: for changeUser(), where it is known
 * before the user was read, so that both are read together.
 */
export const situationsOf = (
  tx: Tx,
  { directoryId }: DirectoryCaller,
  id: string,
  lock: StructureLock,
): Promise<Situation[]> => findSituations(tx, directoryId, assignmentOf(id), [id], lock)

/** The next version of a user that is locked; nothing at all is written where `next` changes nothing. */
export async function changeUser(
  tx: Tx,
  caller: DirectoryCaller,
  user: StoredResource,
  next: (current: Attributes) => Attributes,
  lock: StructureLock,
  situations: readonly Situation[] | null = null,
): Promise<StoredResource> {
  const { directoryId, actor, types } = caller
  const { id } = user
  const attributes = next(user.attributes)
  if (isSame(attributes, user.attributes)) return user
  const changed = nextVersion(user, attributes)
  const data = difference(user.attributes, attributes)
  const write = async () => {
    const explain = taken('User', 'userName', attributes)
    await updateUser(tx, directoryId, changed, user.attributes, types.User, explain)
    await keepUnique(tx, caller, 'User', user, changed)
  }
  const tell = () => appendEvents(tx, actor, [{ type: 'user.updated', directoryId, subjectId: id, data }])
  const evaluate = () =>
    provision(tx, caller, { id, before: user.attributes, after: attributes, situations }, lock)
  await inTurn(tx, write, () => inTurn(tx, tell, evaluate))
  return changed
}

interface Change {
  readonly id: string
  readonly before: Attributes
  readonly after: Attributes
  /** null: not known yet */
  readonly situations: readonly Situation[] | null
}

const assignmentOf = (userId: string): Concern => ({ kind: 'assignment_of', userId })

/** What a change means for members: nothing, unless the user is switched on or off or its address changes. */
async function provision(
  tx: Tx,
  caller: DirectoryCaller,
  { id, before, after, situations }: Change,
  lock: StructureLock,
): Promise<void> {
  const { directoryId, actor } = caller
  const [was, is] = [provisioningFacts(before), provisioningFacts(after)]
  if (was.active === is.active && was.email === is.email) return
  if (was.email === is.email) {
    const known = situations ?? (await situationsOf(tx, caller, id, lock))
    await evaluateSituations(tx, actor, known.map(withActive(id, is.active)), [id])
    return
  }
  await lockOrganizations(tx, directoryId, { kind: 'every' })
  await linkMembers(tx, directoryId, id, emailKeyOf(was.email))
  await evaluateUsers(tx, actor, directoryId, assignmentOf(id), [id], 'alone')
  await followEmail(tx, directoryId, id, { email: is.email, emailKey: emailKeyOf(is.email) })
}

/** The situation as it is once the user is switched on or off. */
const withActive =
  (userId: string, active: boolean) =>
  (situation: Situation): Situation => ({
    ...situation,
    people: situation.people.map((person) =>
      person.user?.id === userId ? { ...person, user: { ...person.user, active } } : person,
    ),
  })

/** Deletes users, which must be locked; those who were their members are evaluated. Gives the ids of these. */
export async function removeUsers(
  tx: Tx,
  caller: DirectoryCaller,
  ids: readonly string[],
): Promise<readonly string[]> {
  if (ids.length === 0) return []
  const { directoryId, actor } = caller
  // groups before organizations, as every write to a group has it
  const groups = await directGroupsOfUsers(tx, directoryId, ids)
  await touchGroups(tx, directoryId, [...new Set([...groups.values()].flat())], new Date())
  const organizations = await lockOrganizations(tx, directoryId, { kind: 'every' })
  const members = await unlinkUsers(tx, directoryId, ids)
  await deleteResources(tx, directoryId, 'User', ids)
  await appendEvents(
    tx,
    actor,
    ids.map(
      (id): NewEvent => ({
        type: 'user.deleted',
        directoryId,
        subjectId: id,
        data: { groupIds: groups.get(id) ?? [] },
      }),
    ),
  )
  for (const organization of organizations.filter(({ mode }) => mode !== 'manual')) {
    const memberIds = members.filter((member) => member.organizationId === organization.id)
    await evaluateOrganization(tx, actor, organization, {
      userIds: [],
      memberIds: memberIds.map(({ memberId }) => memberId),
      waiting: 'where_freed',
    })
  }
  return members.map(({ memberId }) => memberId)
}

// What is erased of a person, in a transaction that is open: users that are locked, members by their ids and addresses,
// and what names them elsewhere in the directory.
import { emailKeyOf } from '../provisioning/identity.ts'
import { type Attributes, attributesOf, isArray, isObject } from '../scim/resource.ts'
import { enterpriseUserSchema } from '../scim/schemas/enterprise-user.ts'
import type { Tx } from '../store/database.ts'
import type { StructureLock } from '../store/directories.ts'
import {
  deleteMembers,
  type ErasableUser,
  findManagedBy,
  findPersonsMembers,
  forgetWorkosUsers,
  type PersonsMember,
} from '../store/erasure.ts'
import { type Actor, appendEvents } from '../store/events.ts'
import { lockOrganizations } from '../store/locked-organizations.ts'
import { textOf } from '../store/users.ts'
import type { DirectoryCaller } from './directory-write.ts'
import { Conflict, Refused } from './errors.ts'
import { getOrganization } from './organizations.ts'
import { lockVersion } from './resource-writing.ts'
import { changeUser, removeUsers } from './user-writing.ts'

/** A transaction that erases, under the directory's lock. */
export interface ErasingWrite {
  readonly tx: Tx
  readonly caller: DirectoryCaller
  readonly lock: StructureLock
}

/** What went: nothing at all where nothing was left of the person. */
export interface Erasure {
  readonly userIds: readonly string[]
  readonly members: readonly { readonly organizationId: string; readonly memberId: string }[]
  /** users whose `manager` the person was, and is no longer */
  readonly managedUserIds: readonly string[]
}

/** All that there is of these users, which are locked, and of whoever has the address. */
export async function erasePerson(
  write: ErasingWrite,
  users: readonly ErasableUser[],
  email: string | undefined,
): Promise<Erasure> {
  const { tx, caller } = write
  const { directoryId, actor } = caller
  const userIds = users.map(({ id }) => id)
  const addresses = [
    ...users.flatMap(({ resource }) => addressesOf(resource)),
    ...(email === undefined ? [] : [email]),
  ]
  const emailKeys = [...new Set(addresses.map(emailKeyOf))]
  const managedUserIds = await forgetManager(write, userIds, [
    ...userIds,
    ...addresses,
    ...emailKeys,
    ...users.map(({ resource }) => textOf(resource.externalId)),
  ])
  const nameKeys = [...users.map(({ userNameKey }) => userNameKey), ...emailKeys]
  await forgetWorkosUsers(tx, directoryId, { userIds, nameKeys })
  const memberIds = await removeUsers(tx, caller, userIds)
  await lockOrganizations(tx, directoryId, { kind: 'every' })
  const members = await findPersonsMembers(tx, directoryId, { memberIds, emailKeys })
  await requireFormer(tx, members)
  await eraseMembers(tx, actor, directoryId, members)
  await appendEvents(
    tx,
    actor,
    userIds.map((id) => ({ type: 'user.erased', directoryId, subjectId: id, data: {} })),
  )
  return { userIds, members: members.map(shownMember), managedUserIds }
}

/** All addresses that a user has, and its userName. */
function addressesOf({ userName, emails }: Attributes): string[] {
  const values = (isArray(emails) ? emails : []).map((each) => (isObject(each) ? textOf(each.value) : ''))
  return [textOf(userName), ...values].filter((each) => each !== '')
}

/** Takes the person out of the users whose manager they were: their name or address may stand there. */
async function forgetManager(
  { tx, caller, lock }: ErasingWrite,
  erasedIds: readonly string[],
  values: readonly string[],
): Promise<string[]> {
  const named = [...new Set(values)].filter((value) => value !== '')
  const found = await findManagedBy(tx, caller.directoryId, named)
  const ids = found.filter((id) => !erasedIds.includes(id))
  for (const id of ids) {
    const user = await lockVersion(tx, caller.directoryId, 'User', id, {
      intent: 'update',
      ifMatch: undefined,
    })
    await changeUser(tx, caller, user, withoutManager, lock)
  }
  return ids
}

function withoutManager(attributes: Attributes): Attributes {
  const { manager: _manager, ...kept } = attributesOf(attributes, enterpriseUserSchema)
  const { [enterpriseUserSchema.id]: _extension, ...rest } = attributes
  return Object.keys(kept).length === 0 ? rest : { ...rest, [enterpriseUserSchema.id]: kept }
}

/** Whoever is in, or waits for a seat, is there to stay: an administrator lets them go first. */
export async function requireFormer(
  tx: Tx,
  members: readonly (PersonsMember & { readonly organizationId: string })[],
): Promise<void> {
  const member = members.find(({ status }) => status !== 'removed')
  if (member === undefined) return
  const { organizationId, memberId } = member
  const { primaryOwnerId } = await getOrganization(tx, organizationId)
  if (primaryOwnerId === memberId) {
    throw new Refused(
      'E11',
      `The person is the primary owner of organization ${organizationId}: name another one and remove member ${memberId} first.`,
    )
  }
  throw new Conflict(
    `The person is a member of organization ${organizationId}: remove member ${memberId} first.`,
  )
}

export async function eraseMembers(
  tx: Tx,
  actor: Actor,
  directoryId: string,
  members: readonly PersonsMember[],
): Promise<void> {
  for (const { organizationId, memberId } of members) await deleteMembers(tx, organizationId, [memberId])
  await tellErased(tx, actor, directoryId, 'request', members.map(shownMember))
}

export async function tellErased(
  tx: Tx,
  actor: Actor,
  directoryId: string,
  because: 'request' | 'retention',
  members: Erasure['members'],
): Promise<void> {
  await appendEvents(
    tx,
    actor,
    members.map(({ organizationId, memberId }) => ({
      type: 'member.erased',
      directoryId,
      organizationId,
      subjectId: memberId,
      data: { because },
    })),
  )
}

export const shownMember = ({ organizationId, memberId }: Erasure['members'][number]) => ({
  organizationId,
  memberId,
})

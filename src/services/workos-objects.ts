// WorkOS's users and groups in our directory: the same resources that a push makes, by the same writes. Each object is
// brought to what is known of it now, whatever the order in which it became known (domain.md section 8).
import { foldAttributes } from '../scim/fold.ts'
import type { Attributes } from '../scim/resource.ts'
import type { ResourceTypeName } from '../scim/schema.ts'
import { parseResource } from '../scim/validate.ts'
import { findIdByName, lockForDeletion } from '../store/resources.ts'
import { textOf } from '../store/users.ts'
import { type LinkedPair, linkedMemberships } from '../store/workos-memberships.ts'
import {
  findLink,
  findLinked,
  findWorkosObject,
  type KnownObject,
  type LiveObject,
  linkTo,
  ownersOfNames,
  saveWorkosDeletion,
  saveWorkosObject,
  type WorkosKey,
} from '../store/workos-objects.ts'
import { isAfter, type Stamp } from '../workos/stamp.ts'
import type { WorkosObject, WorkosType } from '../workos/translate.ts'
import { type DirectoryCaller, requireExclusive } from './directory-write.ts'
import { changeGroup, createGroup, removeGroup } from './group-writing.ts'
import { lockVersion } from './resource-writing.ts'
import { changeUser, createUser, removeUsers } from './user-writing.ts'
import { addPairs, forgetOldMemberships, removePairs } from './workos-members.ts'
import { keyIn, type WorkosWrite } from './workos-write.ts'

/** No tolerance is counted: what WorkOS sends was translated, and is not what an identity provider wrote. */
const unnoted = () => {}

/** Brings a user or group to what the event tells; gives whether that was news. */
export async function applyObject(write: WorkosWrite, object: WorkosObject): Promise<boolean> {
  const { tx, caller, connection } = write
  const { type, workosId, stamp, born, body } = object
  const key = keyIn(write, type, workosId)
  const known = await findWorkosObject(tx, key)
  // groups outlive a dsync.deleted, people do not
  const disconnected = type === 'User' ? connection.deletedStamp : null
  if (!isAfter(stamp, [known?.stamp ?? null, known?.deletedStamp ?? null, disconnected])) return false
  const attributes = parseResource(body, caller.types[type], unnoted)
  const nameKey = nameKeyOf(attributes, caller, type)
  await saveWorkosObject(tx, key, { stamp, born, nameKey, attributes })
  await settleNamed(write, key, nameKey)
  if (known?.nameKey != null && known.nameKey !== nameKey) await settleName(write, type, known.nameKey)
  return true
}

/** Takes out a user or group, unless something later is known of it; gives whether the deletion was news. */
export async function applyDeletion(
  write: WorkosWrite,
  type: WorkosType,
  workosId: string,
  deletedStamp: Stamp,
): Promise<boolean> {
  const { tx } = write
  const key = keyIn(write, type, workosId)
  const known = await findWorkosObject(tx, key)
  if (!isAfter(deletedStamp, [known?.deletedStamp ?? null])) return false
  const isGone = !isLaterThan(known, deletedStamp)
  await saveWorkosDeletion(tx, key, { deletedStamp, isGone })
  if (isGone) {
    // somebody of the same name may have waited for it: then the resource is theirs
    if (known?.nameKey != null) await settleName(write, type, known.nameKey)
    const left = await findLink(tx, key)
    if (left !== null) await removeResource(write, type, left)
  }
  await forgetOldMemberships(write, key, deletedStamp)
  return true
}

const isLaterThan = (known: KnownObject | null, stamp: Stamp): boolean =>
  known?.stamp != null && known.stamp > stamp

/** The resource of a name is the youngest object of that name: it is made, or brought to what that object is. */
async function settleName(write: WorkosWrite, type: WorkosType, nameKey: string): Promise<void> {
  const [owner] = await ownersOfNames(write.tx, write.connection.directoryId, type, [nameKey])
  if (owner !== undefined) await settleOwner(write, owner)
}

/** The same for an object that has just come to its name: where a younger one has it, this one is not here. */
async function settleNamed(write: WorkosWrite, key: WorkosKey, nameKey: string): Promise<void> {
  const { tx } = write
  const [owner] = await ownersOfNames(tx, key.directoryId, key.type, [nameKey])
  if (owner !== undefined && isSameKey(owner, key)) return settleOwner(write, owner)
  const linked = await findLink(tx, key)
  if (linked !== null) await removeResource(write, key.type, linked)
}

const isSameKey = (a: WorkosKey, b: WorkosKey): boolean =>
  a.connectionId === b.connectionId && a.workosId === b.workosId

/** Makes the resource of an object that has its name, or brings it to what the object is. */
export async function settleOwner(write: WorkosWrite, owner: LiveObject): Promise<void> {
  const { tx } = write
  const { directoryId, type, nameKey } = owner
  const linked = await findLink(tx, owner)
  const holder = await findIdByName(tx, directoryId, type, nameKey)
  const before = holder === null ? null : await findLinked(tx, directoryId, type, holder)
  if (linked !== null) {
    // of another source it is refused as in a push: two cannot have one name
    if (before !== null && holder !== null && holder !== linked) await removeResource(write, type, holder)
    await changeResource(write, owner, linked)
    return
  }
  if (holder === null) {
    await linkTo(tx, owner, await createResource(write, owner))
    await addPairs(write, await linkedMemberships(tx, owner))
    return
  }
  await takeOver(write, owner, holder, before)
}

/** A resource that is there under the name is the same person or group, made anew at WorkOS or pushed by SCIM before. */
async function takeOver(
  write: WorkosWrite,
  owner: LiveObject,
  holder: string,
  before: WorkosKey | null,
): Promise<void> {
  const { tx } = write
  const had = before === null ? [] : await linkedMemberships(tx, before)
  await linkTo(tx, owner, holder)
  await changeResource(write, owner, holder)
  const has = await linkedMemberships(tx, owner)
  const kept = new Set(has.map(pairKey))
  await removePairs(
    write,
    had.filter((pair) => !kept.has(pairKey(pair))),
  )
  await addPairs(write, has)
}

const pairKey = ({ userId, groupId }: LinkedPair) => `${groupId} ${userId}`

async function createResource({ tx, lock, caller }: WorkosWrite, object: LiveObject): Promise<string> {
  const attributes = parseResource(object.attributes, caller.types[object.type], unnoted)
  const created =
    object.type === 'User'
      ? await createUser(tx, caller, attributes, lock)
      : await createGroup(tx, caller, { attributes, steps: [] }, lock)
  return created.id
}

/** As a PUT has it: what WorkOS does not say any more is unassigned. The members of a group are told one by one. */
async function changeResource(
  { tx, lock, caller }: WorkosWrite,
  { type, attributes }: LiveObject,
  id: string,
): Promise<void> {
  const next = (current: Attributes) => parseResource(attributes, caller.types[type], unnoted, current)
  if (type === 'User') {
    const user = await lockVersion(tx, caller.directoryId, 'User', id, {
      intent: 'update',
      ifMatch: undefined,
    })
    await changeUser(tx, caller, user, next, lock)
  } else {
    await changeGroup(tx, caller, id, { lock, steps: [], next })
  }
}

async function removeResource(
  { tx, lock, caller }: WorkosWrite,
  type: ResourceTypeName,
  id: string,
): Promise<void> {
  if (type === 'User') {
    await removeUsers(tx, caller, await lockForDeletion(tx, caller.directoryId, type, [id]))
    return
  }
  requireExclusive(lock)
  await removeGroup(tx, caller, id)
}

function nameKeyOf(attributes: Attributes, { types }: DirectoryCaller, type: ResourceTypeName): string {
  const folded = foldAttributes(attributes, types[type])
  return textOf(type === 'User' ? folded.userName : folded.displayName)
}

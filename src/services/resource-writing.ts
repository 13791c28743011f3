// What writes to users and to groups share: new versions, the lock on the current one, names that are taken.
import { newId } from '../ids.ts'
import { uniqueness } from '../scim/errors.ts'
import { type Attributes, isSame } from '../scim/resource.ts'
import type { ResourceTypeName } from '../scim/schema.ts'
import { uniqueValues } from '../scim/unique-values.ts'
import { requireVersion } from '../scim/version.ts'
import type { Explain, Tx } from '../store/database.ts'
import { isUniqueViolation } from '../store/errors.ts'
import { lockWithReferences, type ResourceWithReferences } from '../store/references.ts'
import { lockResource, type StoredResource } from '../store/resources.ts'
import { writeUniqueValues } from '../store/unique-values.ts'
import type { DirectoryCaller } from './directory-write.ts'
import { NotFound } from './errors.ts'

/** The first version of a resource. */
export function newResource(attributes: Attributes): StoredResource {
  const now = new Date()
  return { id: newId(), attributes, version: 1, created: now, lastModified: now }
}

/** The version after this one. */
export const nextVersion = (resource: StoredResource, attributes: Attributes): StoredResource => ({
  ...resource,
  attributes,
  version: resource.version + 1,
  lastModified: new Date(),
})

/** Locks a resource. Throws NotFound, and 412 where If-Match names another version. */
export async function lockVersion(
  tx: Tx,
  directoryId: string,
  type: ResourceTypeName,
  id: string,
  { intent, ifMatch }: { intent: 'update' | 'delete'; ifMatch: string | undefined },
): Promise<StoredResource> {
  return requireFound(await lockResource(tx, directoryId, type, id, intent), type, id, ifMatch)
}

/** The same for an update, with what the resource refers to. */
export async function lockVersionWithReferences(
  tx: Tx,
  directoryId: string,
  type: ResourceTypeName,
  id: string,
  ifMatch: string | undefined,
): Promise<ResourceWithReferences> {
  return requireFound(await lockWithReferences(tx, directoryId, type, id), type, id, ifMatch)
}

function requireFound<T extends StoredResource>(
  resource: T | null,
  type: ResourceTypeName,
  id: string,
  ifMatch: string | undefined,
): T {
  if (resource === null) throw new NotFound(type, id)
  requireVersion(resource.version, ifMatch)
  return resource
}

/** Explains an error of a write: 409 uniqueness naming the attribute, where its value is taken. */
export const taken =
  (type: ResourceTypeName, attribute: string, attributes: Attributes): Explain =>
  (error) => {
    if (!isUniqueViolation(error)) return error
    const value = JSON.stringify(attributes[attribute])
    return uniqueness(`A ${type.toLowerCase()} with the ${attribute} ${value} is there already.`)
  }

/** Keeps the unique values of the directory's own extensions. Throws 409 uniqueness where another resource has one. */
export async function keepUnique(
  tx: Tx,
  { directoryId, types }: DirectoryCaller,
  type: ResourceTypeName,
  before: StoredResource | null,
  after: StoredResource,
): Promise<void> {
  const was = before === null ? [] : uniqueValues(before.attributes, types[type])
  const is = uniqueValues(after.attributes, types[type])
  if (JSON.stringify(was) === JSON.stringify(is)) return
  const taken = await writeUniqueValues(tx, directoryId, type, after.id, is)
  if (taken !== null) {
    throw uniqueness(`Another ${type.toLowerCase()} has this value of ${taken.attribute} already.`)
  }
}

/** For the audit log: which attributes changed, and whether the resource is active; no personal attribute. */
export function difference(before: Attributes, after: Attributes) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const changed = names.filter((name) => !isSame(before[name], after[name])).sort()
  const active =
    before.active === after.active
      ? {}
      : { before: { active: before.active }, after: { active: after.active } }
  return { changed, ...active }
}

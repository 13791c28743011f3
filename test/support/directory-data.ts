// Generated directories: users and groups with every attribute, memberships that nest and loop, and each resource
// as the service answers it.
import fc from 'fast-check'
import type { FilterValue } from '../../src/scim/filter.ts'
import { isArray, isObject, type Json, type JsonObject } from '../../src/scim/resource.ts'
import { type Attribute, coreAttributes, type ResourceType } from '../../src/scim/schema.ts'
import { groupType } from '../../src/scim/schemas/group.ts'
import { userType } from '../../src/scim/schemas/user.ts'
import { versionTag } from '../../src/scim/version.ts'
import { awkwardStrings, type Literals } from './filters.ts'

export const baseUrl = 'https://rollcall.test/scim/v2'

export interface GeneratedResource {
  readonly id: string
  readonly attributes: JsonObject
  readonly version: number
  readonly created: string
  readonly lastModified: string
  /** the ids of the groups that it is a direct member of */
  readonly memberOf: readonly string[]
}

export interface GeneratedDirectory {
  readonly users: readonly GeneratedResource[]
  readonly groups: readonly GeneratedResource[]
}

const text = fc.constantFrom(...awkwardStrings)

const times = [
  '2020-02-29T12:00:00.000Z',
  '2020-02-29T12:00:00.001Z',
  '2021-01-01T00:00:00.000Z',
  '0999-12-31T23:59:59.999Z',
  '9999-12-31T23:59:59.999Z',
]

/** Users and groups; groups may be in each other and in themselves. */
export const directories: fc.Arbitrary<GeneratedDirectory> = fc
  .tuple(fc.integer({ min: 4, max: 14 }), fc.integer({ min: 1, max: 6 }))
  .chain(([userCount, groupCount]) => {
    const groupIds = Array.from({ length: groupCount }, (_, i) => idOf(100 + i))
    const users = Array.from({ length: userCount }, (_, i) =>
      resources(userType, idOf(i), { userName: `${awkwardStrings[i]}-User${i}` }, groupIds),
    )
    const groups = groupIds.map((id, i) =>
      resources(groupType, id, { displayName: `Group${i}-${awkwardStrings[i + 12]}` }, groupIds),
    )
    return fc.record({ users: fc.tuple(...users), groups: fc.tuple(...groups) })
  })

const idOf = (number: number): string => `0190a1b2-c3d4-7e5f-8a9b-${number.toString(16).padStart(12, '0')}`

function resources(
  type: ResourceType,
  id: string,
  required: JsonObject,
  groupIds: readonly string[],
): fc.Arbitrary<GeneratedResource> {
  return fc.record({
    id: fc.constant(id),
    attributes: attributes(type).map((given) => ({ ...given, ...required })),
    version: fc.integer({ min: 1, max: 12 }),
    created: fc.constantFrom(...times),
    lastModified: fc.constantFrom(...times),
    memberOf: fc.subarray([...groupIds], { maxLength: Math.min(3, groupIds.length) }),
  })
}

/** What a client may write of a resource, without what it must have. */
export function attributes(type: ResourceType): fc.Arbitrary<JsonObject> {
  const core = objects([externalId(type), ...type.schema.attributes].filter(isWritable))
  const extensions = type.extensions.map(({ schema }) =>
    fc
      .option(nonEmpty(objects(schema.attributes.filter(isWritable))))
      .map((held) => ({ id: schema.id, held })),
  )
  return fc.tuple(core, ...extensions).map(([held, ...more]) => {
    const extended = more.flatMap((extension) => (extension.held === null ? [] : [extension]))
    const own = Object.fromEntries(extended.map((extension) => [extension.id, extension.held]))
    return { ...held, ...own, schemas: [type.schema.id, ...extended.map(({ id }) => id)] }
  })
}

const externalId = (type: ResourceType): Attribute => {
  const found = coreAttributes(type).find(({ name }) => name === 'externalId')
  if (found === undefined) throw new Error('externalId is a common attribute')
  return found
}

const isWritable = ({ mutability, name }: Attribute): boolean =>
  mutability !== 'readOnly' && mutability !== 'writeOnly' && name !== 'members'

const objects = (all: readonly Attribute[]): fc.Arbitrary<JsonObject> =>
  fc
    .record(Object.fromEntries(all.map((attribute) => [attribute.name, fc.option(values(attribute))])))
    .map((given) => {
      const held = Object.entries(given).flatMap(([key, value]) =>
        value === null ? [] : [[key, value] as const],
      )
      return Object.fromEntries<Json>(held)
    })

const nonEmpty = (object: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> =>
  object.filter((given) => Object.keys(given).length > 0)

function values(attribute: Attribute): fc.Arbitrary<Json> {
  const one: fc.Arbitrary<Json> =
    attribute.type === 'complex'
      ? nonEmpty(objects(attribute.subAttributes ?? []))
      : attribute.type === 'boolean'
        ? fc.boolean()
        : text
  return attribute.multiValued ? fc.array(one, { minLength: 1, maxLength: 3 }) : one
}

/** The user as it is answered, with what the service adds. */
export function userDocument(user: GeneratedResource, directory: GeneratedDirectory): JsonObject {
  const groups = [...groupsAbove(user, directory)].map((group) => ({
    value: group.id,
    $ref: `${baseUrl}/Groups/${group.id}`,
    display: group.attributes.displayName ?? null,
    type: user.memberOf.includes(group.id) ? 'direct' : 'indirect',
  }))
  return withCommon(user, 'User', groups.length > 0 ? { groups } : {})
}

/** The group as it is answered, with its members. */
export function groupDocument(group: GeneratedResource, directory: GeneratedDirectory): JsonObject {
  const isMember = ({ memberOf }: GeneratedResource) => memberOf.includes(group.id)
  const users = directory.users.filter(isMember).map(({ id, attributes: held }) => ({
    value: id,
    $ref: `${baseUrl}/Users/${id}`,
    type: 'User',
    display: held.displayName ?? held.userName ?? null,
  }))
  const groups = directory.groups.filter(isMember).map(({ id, attributes: held }) => ({
    value: id,
    $ref: `${baseUrl}/Groups/${id}`,
    type: 'Group',
    display: held.displayName ?? null,
  }))
  const members = [...users, ...groups]
  return withCommon(group, 'Group', members.length > 0 ? { members } : {})
}

/** Groups of a user are answered in the order of their ids. */
export function withGroupsInOrder(user: JsonObject): JsonObject {
  const { groups } = user
  if (groups === undefined || !isArray(groups)) return user
  const idOf = (group: (typeof groups)[number]) => (isObject(group) ? String(group.value) : '')
  return { ...user, groups: groups.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1)) }
}

function withCommon(resource: GeneratedResource, resourceType: string, computed: JsonObject): JsonObject {
  const { id, version, created, lastModified } = resource
  const location = `${baseUrl}/${resourceType}s/${id}`
  const meta = { resourceType, created, lastModified, location, version: versionTag(version) }
  return { ...resource.attributes, ...computed, id, meta }
}

function groupsAbove(user: GeneratedResource, { groups }: GeneratedDirectory): Set<GeneratedResource> {
  const above = new Set<GeneratedResource>()
  const visit = (ids: readonly string[]) => {
    for (const group of groups.filter(({ id }) => ids.includes(id))) {
      if (above.has(group)) continue
      above.add(group)
      visit(group.memberOf)
    }
  }
  visit(user.memberOf)
  return above
}

/** Literals that are likely to meet something: values that the documents have there, parts of them, and others. */
export function literalsFrom(documents: readonly JsonObject[]): Literals {
  return (path, attribute) => {
    if (attribute.type === 'boolean') return fc.boolean()
    if (attribute.type === 'dateTime')
      return fc.constantFrom<FilterValue>(...times, '2020-02-29T14:00:00+02:00')
    const held = [...new Set(documents.flatMap((document) => stringsAt(document, path)))]
    const known = fc.constantFrom(...held, 'nothing')
    const mutants = fc
      .tuple(known, fc.nat(8), fc.nat(8), fc.boolean())
      .map(([whole, from, length, upper]) => {
        const part = [...whole].slice(from, from + length).join('')
        return upper ? part.toUpperCase() : part
      })
    return fc.oneof<fc.Arbitrary<FilterValue>[]>(
      known,
      known.map((whole) => whole.toUpperCase()),
      mutants,
      text,
    )
  }
}

function stringsAt(value: Json | undefined, path: readonly string[]): string[] {
  if (isArray(value)) return value.flatMap((element) => stringsAt(element, path))
  const [key, ...rest] = path
  if (key === undefined) return typeof value === 'string' ? [value] : []
  return isObject(value) ? stringsAt(value[key], rest) : []
}

// A directory of thousands, written by the database itself: every attribute of every resource has a value, which nobody
// else has wherever the schema leaves that open.
import { randomUUID } from 'node:crypto'
import { isArray, isObject, type Json, type JsonObject } from '../../src/scim/resource.ts'
import type { Attribute, ResourceType } from '../../src/scim/schema.ts'
import { groupType } from '../../src/scim/schemas/group.ts'
import { userType } from '../../src/scim/schemas/user.ts'
import type { PrismaClient } from '../../src/store/generated/client.ts'
import { baseUrl } from './directory-data.ts'
import { fieldsOf } from './filters.ts'

export type TypeName = 'User' | 'Group'

export const types: Record<TypeName, ResourceType> = { User: userType, Group: groupType }

const USERS = 4000
const GROUPS = 2000

/**
 * Who is asked for. Where a schema leaves only a few values (Booleans, canonical values), one in a hundred has another
 * than the rest, this one among them: what half of the rows have no index finds, and none should.
 */
export const SOUGHT = 77
const RARE = 100

/** Writes two such directories, of which one is to be searched; gives its id. */
export async function insertCrowd(prisma: PrismaClient): Promise<string> {
  await insertOne(prisma, randomUUID())
  const directoryId = randomUUID()
  await insertOne(prisma, directoryId)
  await prisma.$executeRaw`VACUUM ANALYZE users, groups, user_memberships, group_memberships`
  return directoryId
}

/** One of them, of which PostgreSQL has no statistics yet. */
export async function insertUncounted(prisma: PrismaClient): Promise<string> {
  const directoryId = randomUUID()
  await insertOne(prisma, directoryId)
  return directoryId
}

async function insertOne(prisma: PrismaClient, directoryId: string): Promise<void> {
  const parentOrganizationId = randomUUID()
  await prisma.parentOrganization.create({
    data: { id: parentOrganizationId, name: 'Crowd', plan: 'enterprise' },
  })
  await prisma.directory.create({ data: { id: directoryId, parentOrganizationId } })
  const [user, rareUser] = [template('User', false), template('User', true)]
  await prisma.$executeRaw`
    INSERT INTO users (directory_id, id, user_name, user_name_key, email, email_key, active, resource, search, version,
      created_at, last_modified)
    SELECT ${directoryId}::uuid, ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'username-' || n,
      'username-' || n, 'e-' || n, 'e-' || n, true, '{}',
      replace(CASE WHEN n % ${RARE}::int = ${SOUGHT}::int THEN ${rareUser} ELSE ${user} END, '#', n::text)::jsonb, n,
      '2020-01-01T00:00:00Z'::timestamptz + n * interval '1 second',
      '2021-01-01T00:00:00Z'::timestamptz + n * interval '1 second'
    FROM generate_series(1, ${USERS}::int) n`
  const [group, rareGroup] = [template('Group', false), template('Group', true)]
  await prisma.$executeRaw`
    INSERT INTO groups (directory_id, id, display_name, display_name_key, resource, search, version, created_at,
      last_modified)
    SELECT ${directoryId}::uuid, ('00000000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid, 'displayname-' || n,
      'displayname-' || n, '{}',
      replace(CASE WHEN n % ${RARE}::int = ${SOUGHT}::int THEN ${rareGroup} ELSE ${group} END, '#', n::text)::jsonb, n,
      '2020-01-01T00:00:00Z'::timestamptz + n * interval '1 second',
      '2021-01-01T00:00:00Z'::timestamptz + n * interval '1 second'
    FROM generate_series(1, ${GROUPS}::int) n`
  // two groups for each user; every second group in another
  await prisma.$executeRaw`
    INSERT INTO user_memberships (directory_id, user_id, group_id)
    SELECT ${directoryId}::uuid, ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
      ('00000000-0000-7000-9000-' || lpad(to_hex((n * k) % ${GROUPS}::int + 1), 12, '0'))::uuid
    FROM generate_series(1, ${USERS}::int) n, unnest(ARRAY[1, 7]) k ON CONFLICT DO NOTHING`
  await prisma.$executeRaw`
    INSERT INTO group_memberships (directory_id, member_group_id, group_id)
    SELECT ${directoryId}::uuid, ('00000000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid,
      ('00000000-0000-7000-9000-' || lpad(to_hex(n / 2), 12, '0'))::uuid
    FROM generate_series(2, ${GROUPS}::int, 2) n`
}

/** The search document of any resource, with # for its number. */
const template = (name: TypeName, isRare: boolean): string => JSON.stringify(stored(name, isRare))

const computed = ['id', 'meta', 'groups', 'members']

function stored(name: TypeName, isRare: boolean): JsonObject {
  const held: Record<string, Json> = {}
  for (const { path, attribute } of fieldsOf(types[name])) {
    const [first = '', second] = path
    if (computed.includes(first)) continue
    const value = valueFor(attribute, isRare)
    const outer = held[first]
    held[first] = second === undefined ? value : { ...(isObject(outer) ? outer : {}), [second]: value }
  }
  return held
}

function valueFor(attribute: Attribute, isRare: boolean): Json {
  const { name, type, multiValued, canonicalValues = [], subAttributes = [] } = attribute
  if (name === 'schemas') return [isRare ? 'urn:rare' : 'urn:common']
  const one = (): Json => {
    if (type === 'boolean') return isRare
    if (type === 'complex') {
      return Object.fromEntries(subAttributes.map((part) => [part.name, valueFor(part, isRare)]))
    }
    return canonicalValues[isRare ? 1 : 0]?.toLowerCase() ?? `${name.toLowerCase()}-#`
  }
  return multiValued ? [one()] : one()
}

/** The one that is asked for, as filters see it, with what the service adds. */
export function soughtDocument(name: TypeName): JsonObject {
  const held: JsonObject = JSON.parse(template(name, true).replaceAll('#', String(SOUGHT)))
  const id = name === 'User' ? userId(SOUGHT) : groupId(SOUGHT)
  const meta = {
    resourceType: name,
    created: new Date(Date.UTC(2020, 0, 1, 0, 0, SOUGHT)).toISOString(),
    lastModified: new Date(Date.UTC(2021, 0, 1, 0, 0, SOUGHT)).toISOString(),
    location: `${baseUrl}/${name}s/${id}`,
    version: `W/"${SOUGHT}"`,
  }
  // user n is in the group n + 1
  const around = name === 'User' ? groupId(SOUGHT + 1) : userId(SOUGHT - 1)
  const other = {
    value: around,
    $ref: `${baseUrl}/${name === 'User' ? 'Groups' : 'Users'}/${around}`,
    display: `displayname-${name === 'User' ? SOUGHT + 1 : SOUGHT - 1}`,
    type: name === 'User' ? 'direct' : 'user',
  }
  return { ...held, id, meta, ...(name === 'User' ? { groups: [other] } : { members: [other] }) }
}

const userId = (n: number) => `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`
const groupId = (n: number) => `00000000-0000-7000-9000-${n.toString(16).padStart(12, '0')}`

/** The value that the document has at a path; of lists the first. */
export function valueAt(document: Json | undefined, path: readonly string[]): Json | undefined {
  if (isArray(document)) return valueAt(document[0], path)
  const [key, ...rest] = path
  if (key === undefined) return document
  return isObject(document) ? valueAt(document[key], rest) : undefined
}

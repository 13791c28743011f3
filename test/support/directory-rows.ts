// Generated directories as rows of the database.
import { randomUUID } from 'node:crypto'
import { foldAttributes } from '../../src/scim/fold.ts'
import { isObject, type Json, type JsonObject } from '../../src/scim/resource.ts'
import type { ResourceType } from '../../src/scim/schema.ts'
import { groupType } from '../../src/scim/schemas/group.ts'
import { userType } from '../../src/scim/schemas/user.ts'
import type { PrismaClient } from '../../src/store/generated/client.ts'
import type { GeneratedDirectory, GeneratedResource } from './directory-data.ts'

/** Writes the directory; gives its id. */
export async function insertDirectory(prisma: PrismaClient, directory: GeneratedDirectory): Promise<string> {
  const directoryId = randomUUID()
  const parentOrganizationId = randomUUID()
  await prisma.parentOrganization.create({
    data: { id: parentOrganizationId, name: 'Test', plan: 'enterprise' },
  })
  await prisma.directory.create({ data: { id: directoryId, parentOrganizationId } })
  await prisma.user.createMany({ data: directory.users.map((user) => userRow(directoryId, user)) })
  await prisma.group.createMany({ data: directory.groups.map((group) => groupRow(directoryId, group)) })
  await prisma.userMembership.createMany({
    data: directory.users.flatMap(({ id, memberOf }) =>
      memberOf.map((groupId) => ({ directoryId, groupId, userId: id })),
    ),
  })
  await prisma.groupMembership.createMany({
    data: directory.groups.flatMap(({ id, memberOf }) =>
      memberOf.map((groupId) => ({ directoryId, groupId, memberGroupId: id })),
    ),
  })
  return directoryId
}

function userRow(directoryId: string, user: GeneratedResource) {
  const userName = String(user.attributes.userName)
  const key = userName.toLowerCase()
  const own = { userName, userNameKey: key, email: userName, emailKey: key, active: true }
  return { directoryId, ...own, ...commonRow(user, userType) }
}

function groupRow(directoryId: string, group: GeneratedResource) {
  const displayName = String(group.attributes.displayName)
  const own = { displayName, displayNameKey: displayName.toLowerCase() }
  return { directoryId, ...own, ...commonRow(group, groupType) }
}

const commonRow = (
  { id, attributes, version, created, lastModified }: GeneratedResource,
  type: ResourceType,
) => ({
  id,
  resource: columnValue(attributes),
  search: columnValue(foldAttributes(attributes, type)),
  version,
  createdAt: new Date(created),
  lastModified: new Date(lastModified),
})

type ColumnValue = string | number | boolean | ColumnValue[] | { [key: string]: ColumnValue }

/** Prisma's type of JSON is the same with other words: no readonly, and null by another name. */
const columnValue = (object: JsonObject): { [key: string]: ColumnValue } =>
  Object.fromEntries(
    Object.entries(object).flatMap(([key, value]) => (value === null ? [] : [[key, convert(value)]])),
  )

function convert(value: Exclude<Json, null>): ColumnValue {
  if (typeof value !== 'object') return value
  if (isObject(value)) return columnValue(value)
  return value.flatMap((element) => (element === null ? [] : [convert(element)]))
}

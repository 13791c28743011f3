// Writing users: the resource, and beside it the columns that are looked up most.
import { emailKeyOf } from '../provisioning/identity.ts'
import { foldAttributes } from '../scim/fold.ts'
import { type Attributes, isArray, isObject } from '../scim/resource.ts'
import type { ResourceType } from '../scim/schema.ts'
import { isPrimary } from '../scim/value.ts'
import { type Explain, type Tx, writeLater } from './database.ts'
import { Prisma } from './generated/client.ts'
import type { StoredResource } from './resources.ts'

/** Where the userName is taken the transaction fails, with what `explain` makes of that. */
export async function insertUser(
  tx: Tx,
  directoryId: string,
  user: StoredResource,
  type: ResourceType,
  explain?: Explain,
): Promise<void> {
  const { userName, userNameKey, email, emailKey, active, resource, search } = userColumns(
    user.attributes,
    type,
  )
  await writeLater(
    tx,
    Prisma.sql`
    INSERT INTO users (directory_id, id, user_name, user_name_key, email, email_key, active, resource, search,
      version, created_at, last_modified)
    VALUES (${directoryId}::uuid, ${user.id}::uuid, ${userName}, ${userNameKey}, ${email}, ${emailKey}, ${active},
      ${resource}::jsonb, ${search}::jsonb, ${user.version}, ${user.created}, ${user.lastModified})`,
    explain,
  )
}

/**
 * Writes the next version of a user; a userName that is taken is as in insertUser(). What is the same as in the version
 * `before` is not written again: PostgreSQL then clears its indexes of old versions as it goes. null: all is written.
 */
export async function updateUser(
  tx: Tx,
  directoryId: string,
  user: StoredResource,
  before: Attributes | null,
  type: ResourceType,
  explain?: Explain,
): Promise<void> {
  const { userName, userNameKey, email, emailKey, active, resource, search } = userColumns(
    user.attributes,
    type,
  )
  const isSamePerson = before !== null && textOf(before.userName) === userName && emailOf(before) === email
  const identity = isSamePerson
    ? Prisma.empty
    : Prisma.sql`
      user_name = ${userName}, user_name_key = ${userNameKey}, email = ${email}, email_key = ${emailKey},`
  await writeLater(
    tx,
    Prisma.sql`
    UPDATE users SET ${identity} active = ${active}, resource = ${resource}::jsonb, search = ${search}::jsonb,
      version = ${user.version}, last_modified = ${user.lastModified}
    WHERE directory_id = ${directoryId}::uuid AND id = ${user.id}::uuid`,
    explain,
  )
}

/** Locks users in the order of their ids: until the transaction ends nobody else makes anything of them. */
export async function lockUsers(tx: Tx, directoryId: string, ids: readonly string[]): Promise<void> {
  await tx.$queryRaw`
    SELECT u.id FROM users u WHERE u.directory_id = ${directoryId}::uuid AND u.id = ANY(${ids}::uuid[])
    ORDER BY u.id FOR NO KEY UPDATE`
}

/** What of a user the evaluator looks at; another value of any of them asks for an evaluation. */
export function provisioningFacts(attributes: Attributes): { active: boolean; email: string } {
  return { active: attributes.active === true, email: emailOf(attributes) }
}

/** E7: the primary e-mail, else the userName. */
function emailOf(attributes: Attributes): string {
  const emails = isArray(attributes.emails) ? attributes.emails : []
  const primary = emails.find(isPrimary)
  if (isObject(primary) && typeof primary.value === 'string') return primary.value
  return textOf(attributes.userName)
}

/** What is kept beside the document, to look users up by. */
export function derivedFromUser(attributes: Attributes, type: ResourceType) {
  const search = foldAttributes(attributes, type)
  const { active, email } = provisioningFacts(attributes)
  return {
    userName: textOf(attributes.userName),
    userNameKey: textOf(search.userName),
    email,
    emailKey: emailKeyOf(email),
    active,
    search,
  }
}

function userColumns(attributes: Attributes, type: ResourceType) {
  const derived = derivedFromUser(attributes, type)
  return { ...derived, resource: JSON.stringify(attributes), search: JSON.stringify(derived.search) }
}

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

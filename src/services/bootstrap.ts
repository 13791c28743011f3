// The first start on an empty database: one parent organization with its directory, one Enterprise organization,
// one token for each of the two APIs.
import type { Database } from '../store/database.ts'
import { lockFirstStart } from '../store/directories.ts'
import type { Actor } from '../store/events.ts'
import { hasParentOrganizations } from '../store/parent-organizations.ts'
import { createAdminToken } from './admin-tokens.ts'
import { createOrganization } from './organizations.ts'
import { createParentOrganization } from './parent-organizations.ts'
import { createDirectoryToken } from './tokens.ts'

/** What the first start made; the tokens are never seen again. */
export interface FirstStart {
  readonly organizationId: string
  readonly directoryToken: string
  readonly adminToken: string
}

const actor: Actor = { kind: 'system' }

/** Null where the database has been started on before. */
export async function bootstrap(database: Database): Promise<FirstStart | null> {
  // without Prisma's engine, which every other start can do without until somebody administers
  if (await hasParentOrganizations(database.statements)) return null
  return database.transaction(async (tx) => {
    await lockFirstStart(tx)
    if (await hasParentOrganizations(tx)) return null
    const parent = await createParentOrganization(tx, actor, { name: 'Example', plan: 'enterprise' })
    const organization = await createOrganization(tx, actor, parent, {
      name: 'Example Enterprise',
      plan: 'enterprise_seats',
    })
    const { token } = await createDirectoryToken(tx, actor, parent.directoryId, 'first start', null)
    const { token: adminToken } = await createAdminToken(tx, actor, { name: 'first start' })
    return { organizationId: organization.id, directoryToken: token, adminToken }
  })
}

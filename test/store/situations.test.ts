// What a push to one user reads of an organization does not grow with the organization: not with its mappings, nor with
// members whom no user is.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Tx } from '../../src/store/database.ts'
import { lockSituations } from '../../src/store/situations.ts'
import { startTestApp, type TestApp } from '../support/app.ts'
import { aScene } from '../support/provisioning.ts'

const MAPPINGS = 300
const UNLINKED = 2_000

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

/** Rows of members and mappings that the connection has read so far. */
async function rowsRead(tx: Tx): Promise<number> {
  const [row] = await tx.$queryRaw<{ read: bigint }[]>`
    SELECT coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::bigint AS read
    FROM pg_stat_xact_user_tables WHERE relname IN ('members', 'mappings')`
  return Number(row?.read ?? 0)
}

test.each(['shared', 'alone'] as const)('a user in a mapped group: %s', async (way) => {
  const { idp, org, tenant } = await aScene(app)
  const { directoryId } = tenant
  await org.add({ email: 'guest@acme.test' })
  const ann = await idp.user('ann')
  const groups = await Promise.all(
    Array.from({ length: MAPPINGS }, (_, n) => idp.group(`Group ${n}`, n === 7 ? [ann] : [])),
  )
  await org.map(groups.map((groupId) => ({ groupId, role: 'admin' as const })))
  await app.database.client.$executeRaw`
    INSERT INTO members (organization_id, id, directory_id, email, email_key, status, role, source, since)
    SELECT ${org.id}::uuid, gen_random_uuid(), ${directoryId}::uuid, n || '@else.test', n || '@else.test', 'active', 'user',
      'manual', now() FROM generate_series(1, ${UNLINKED}::int) AS n`
  await app.database.client.$executeRaw`ANALYZE members, mappings`

  await app.database.write(async (tx) => {
    const before = await rowsRead(tx)
    const [situation] = await lockSituations(
      tx,
      directoryId,
      { kind: 'assignment_of', userId: ann },
      [ann],
      way,
    )
    expect(situation?.organization.settings.mappings).toMatchObject([{ groupId: groups[7], role: 'admin' }])
    expect(situation?.people).toMatchObject([{ user: { id: ann }, member: { userId: ann } }])
    expect((await rowsRead(tx)) - before).toBeLessThan(10)
  })
})

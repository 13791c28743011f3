// The migration that begins the history of settings: what each organization has then is its first version.
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { expect, test } from 'vitest'
import { openDatabase } from '../../src/store/database.ts'
import { migrate, readMigrations } from '../../src/store/migrate.ts'
import { findSettingsVersion, keepSettings, listSettingsVersions } from '../../src/store/settings-versions.ts'
import { createEmptyDatabase } from '../support/postgres.ts'

const HISTORY = '20261124000300_settings_history'
const id = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`
const [parent, directory, saved, untold, group] = [id(1), id(2), id(3), id(4), id(5)]

/** Two organizations: of one an event tells who saved its settings, of the other none does any more. */
const before = `
  INSERT INTO parent_organizations (id, name, plan) VALUES ('${parent}', 'Acme', 'enterprise');
  INSERT INTO directories (id, parent_organization_id) VALUES ('${directory}', '${parent}');
  INSERT INTO groups (directory_id, id, display_name, display_name_key, resource, search, created_at, last_modified)
  VALUES ('${directory}', '${group}', 'Leads', 'leads', '{}', '{}', now(), now());
  INSERT INTO organizations (id, parent_organization_id, directory_id, name, plan, mode, group_mappings,
    settings_version, created_at)
  VALUES ('${saved}', '${parent}', '${directory}', 'A', 'enterprise_seats', 'scim', true, 7, '2026-01-01T00:00:00Z'),
    ('${untold}', '${parent}', '${directory}', 'B', 'enterprise_seats', 'manual', false, 1, '2026-01-02T00:00:00Z');
  INSERT INTO mappings (organization_id, id, directory_id, group_id, role, seat_type)
  VALUES ('${saved}', '${id(8)}', '${directory}', '${group}', NULL, 'premium'),
    ('${saved}', '${id(7)}', '${directory}', '${group}', 'owner', NULL);
  INSERT INTO events (time, directory_id, organization_id, type, subject_id, actor, data)
  VALUES ('2026-02-01T00:00:00Z', '${directory}', '${saved}', 'settings.saved', '${saved}', '{"kind":"system"}', '{}'),
    ('2026-02-02T00:00:00Z', '${directory}', '${saved}', 'settings.saved', '${saved}', '{"kind":"admin_token"}', '{}'),
    ('2026-02-03T00:00:00Z', '${directory}', '${saved}', 'member.added', '${saved}', '{"kind":"system"}', '{}');`

test('A2 organizations from before the history have their settings as the first version that is kept', async () => {
  const empty = await createEmptyDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-history-'))
  const database = openDatabase(empty.url, 2)
  try {
    const names = (await readMigrations()).map(({ name }) => name)
    expect(names).toContain(HISTORY)
    const migrations = new URL('../../prisma/migrations/', import.meta.url)
    for (const name of names.filter((each) => each < HISTORY)) {
      await cp(new URL(name, migrations), join(folder, name), { recursive: true })
    }
    await migrate(empty.url, { directory: folder })
    const client = new pg.Client({ connectionString: empty.url })
    await client.connect()
    await client.query(before)
    await client.end()
    await migrate(empty.url)

    const tx = database.client
    const all = { after: null, limit: 10 }
    expect(await listSettingsVersions(tx, saved, all)).toEqual([
      {
        version: 7,
        savedAt: new Date('2026-02-02T00:00:00Z'),
        actor: { kind: 'admin_token' },
        mode: 'scim',
        groupMappings: true,
      },
    ])
    expect(await listSettingsVersions(tx, untold, all)).toMatchObject([
      { version: 1, savedAt: new Date('2026-01-02T00:00:00Z'), actor: { kind: 'system' } },
    ])
    const first = await findSettingsVersion(tx, saved, 7)
    expect(first).toEqual({
      mode: 'scim',
      groupMappings: true,
      mappings: [
        { groupId: group, groupName: 'Leads', role: 'owner', seatType: null },
        { groupId: group, groupName: 'Leads', role: null, seatType: 'premium' },
      ],
      brake: null,
    })
    expect(await findSettingsVersion(tx, untold, 1)).toEqual({
      mode: 'manual',
      groupMappings: false,
      mappings: [],
      brake: null,
    })

    // what is kept from now on has the same form
    await tx.$executeRaw`UPDATE organizations SET settings_version = settings_version + 1`
    await keepSettings(tx, { kind: 'system' }, [saved])
    expect(await findSettingsVersion(tx, saved, 8)).toEqual(first)
    expect(await findSettingsVersion(tx, untold, 2)).toBeNull()
  } finally {
    await database.close()
    await empty.drop()
    await rm(folder, { recursive: true })
  }
})

// The checks themselves: each kind of loss, half write and wrong count is seen.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkRows } from './support/consistency.ts'
import { Figures } from './support/figures.ts'
import { type FaultyPostgres, startFaultyPostgres } from './support/postgres.ts'
import { Push } from './support/push.ts'
import { setUp, startService } from './support/scene.ts'
import { Sender } from './support/sender.ts'

const PEOPLE = 30

let postgres: FaultyPostgres
let push: Push
beforeAll(async () => {
  const figures = new Figures('The checks')
  postgres = await startFaultyPostgres()
  await postgres.query('postgres', 'CREATE DATABASE whole')
  const service = await startService(postgres.url('whole'))
  try {
    const scene = await setUp(service, figures, { premium: 5, standard: 5 })
    const sender = new Sender(service.origin, scene.directoryToken, figures)
    push = new Push(scene, 'p', PEOPLE)
    await push.run(sender, 4)
    await sender.close()
  } finally {
    await service.end('SIGTERM')
  }
}, 60_000)
afterAll(() => postgres?.remove())

/** What is found in a copy of the database after `damage`. */
async function foundAfter(damage: string): Promise<Figures> {
  const figures = new Figures(damage)
  await postgres.query('postgres', 'DROP DATABASE IF EXISTS damaged')
  await postgres.query('postgres', 'CREATE DATABASE damaged TEMPLATE whole')
  if (damage !== '') await postgres.query('damaged', damage)
  await push.check(postgres, 'damaged', figures)
  await checkRows(postgres, 'damaged', figures)
  return figures
}

test('nothing is found where nothing is wrong', async () => {
  expect(await foundAfter('')).toMatchObject({ lost: [], inconsistencies: [] })
})

const someMember = "(SELECT id FROM members WHERE status = 'active' AND role = 'user' LIMIT 1)"

test.each([
  ['a user that is gone', "UPDATE users SET user_name = 'other@acme.test' WHERE user_name = 'p-1@acme.test'"],
  [
    'a write that is undone',
    `UPDATE users SET resource = jsonb_set(resource, '{title}', '"first"') WHERE user_name = 'p-1@acme.test'`,
  ],
])('loss: %s', async (_, damage) => {
  expect((await foundAfter(damage)).lost).not.toEqual([])
})

test.each([
  [
    'a member without the user',
    `DELETE FROM user_memberships WHERE user_id = (SELECT user_id FROM members WHERE id = ${someMember})`,
  ],
  ['a role of another group', `UPDATE members SET role = 'admin' WHERE id = ${someMember}`],
  ['somebody who should be a member', `DELETE FROM members WHERE id = ${someMember}`],
  ['a seat that was counted twice', 'UPDATE seats SET assigned = assigned + 1'],
  ['a seat too many', 'UPDATE seats SET purchased = assigned - 1 WHERE assigned > 0'],
  [
    'a write told twice',
    "INSERT INTO events (time, directory_id, type, subject_id, actor, data) SELECT time, directory_id, type, subject_id, actor, data FROM events WHERE type = 'user.updated' AND subject_id IN (SELECT id FROM users) LIMIT 1",
  ],
  [
    'a write that is not told',
    "DELETE FROM events WHERE seq = (SELECT max(seq) FROM events WHERE type = 'user.updated' AND subject_id IN (SELECT id FROM users))",
  ],
  [
    'a creation told twice',
    "INSERT INTO events (time, directory_id, type, subject_id, actor, data) SELECT time, directory_id, type, subject_id, actor, data FROM events WHERE type = 'user.created' AND subject_id IN (SELECT id FROM users) LIMIT 1",
  ],
  [
    'a membership told twice',
    "INSERT INTO events (time, directory_id, type, subject_id, actor, data) SELECT time, directory_id, type, subject_id, actor, data FROM events WHERE type = 'group.members_changed' ORDER BY seq DESC LIMIT 1",
  ],
  [
    'a member that is not told',
    "DELETE FROM events WHERE seq = (SELECT min(seq) FROM events WHERE type = 'member.added')",
  ],
  [
    'a member told twice',
    "INSERT INTO events (time, directory_id, organization_id, type, subject_id, actor, data) SELECT time, directory_id, organization_id, type, subject_id, actor, data FROM events WHERE type = 'member.added' LIMIT 1",
  ],
])('inconsistency: %s', async (_, damage) => {
  expect((await foundAfter(damage)).inconsistencies).not.toEqual([])
})

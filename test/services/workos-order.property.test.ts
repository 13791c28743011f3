// Whatever WorkOS tells, in any order and as often as it likes: the directory and the members are the same in the end.
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestApp, type TestApp } from '../support/app.ts'
import { aScene } from '../support/provisioning.ts'
import { connectWorkos, directoryByNames, WorkosDirectory, type WorkosEventBody } from '../support/workos.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

const userNames = ['ada@acme.test', 'bob@acme.test']
const groupNames = ['Staff', 'Guests']

/** Something that happens to the user, group or name that the numbers choose. */
const action = fc.record({
  kind: fc.constantFrom(
    ...(['user', 'user', 'user', 'rename', 'name', 'switch', 'remove', 'remove', 'disconnect'] as const),
    ...(['group', 'renameGroup', 'removeGroup', 'add', 'admin', 'admin', 'admin', 'drop'] as const),
  ),
  who: fc.nat(9),
  what: fc.nat(9),
})
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never

const pick = <T>(list: readonly T[], index: number): T | undefined =>
  list.length === 0 ? undefined : list[index % list.length]

function happen(directory: WorkosDirectory, admins: string, { kind, who, what }: Action): void {
  const user = pick(directory.userIds(), who)
  const group = pick(
    directory.groupIds().filter((id) => id !== admins),
    what,
  )
  const username = pick(userNames, what)
  switch (kind) {
    case 'user':
      // one that was removed may come back under its id
      if (!directory.userIds().includes(`directory_user_${who % 3}`)) {
        directory.user(`${who % 3}`, { username, email: username })
      }
      return
    case 'group':
      if (!directory.groupIds().includes(`directory_group_${who % 3}`)) {
        directory.group(`${who % 3}`, { name: pick(groupNames, what) })
      }
      return
    case 'renameGroup':
      if (group !== undefined) directory.change(group, { name: pick(groupNames, who) })
      return
    case 'removeGroup':
      if (group !== undefined) directory.remove(group)
      return
    case 'disconnect':
      if (who < 5) directory.disconnect()
      return
  }
  if (user === undefined) return
  if (kind === 'rename') directory.change(user, { username, email: username })
  if (kind === 'name') directory.change(user, { first_name: `name ${what}` })
  if (kind === 'switch') directory.change(user, { state: what % 2 === 0 ? 'inactive' : 'active' })
  if (kind === 'remove') directory.remove(user)
  if (kind === 'admin') directory.add(admins, user)
  if (kind === 'add' && group !== undefined) directory.add(group, user)
  if (kind === 'drop') directory.drop(group === undefined || what % 2 === 0 ? admins : group, user)
}

function scenario(actions: readonly Action[]): WorkosDirectory {
  const directory = new WorkosDirectory()
  directory.activate()
  const admins = directory.group('admins', { name: 'Admins' })
  for (const each of actions) happen(directory, admins, each)
  return directory
}

/** All events once in the order of the weights, and some of them again. */
function disordered(
  events: readonly WorkosEventBody[],
  weights: readonly number[],
  again: readonly number[],
): WorkosEventBody[] {
  const repeated = [...events, ...again.flatMap((index) => pick(events, index) ?? [])]
  return repeated
    .map((event, i) => ({ event, weight: weights[i] ?? 0 }))
    .sort((a, b) => a.weight - b.weight)
    .map(({ event }) => event)
}

/** The events in a directory of their own, whose organization maps the group of admins and lets everybody else in. */
async function outcomeOf(events: readonly WorkosEventBody[]) {
  const { tenant, idp, org, join } = await aScene(app)
  const everybody = await join('console')
  await everybody.save()
  await org.map([{ groupId: await idp.group('Admins'), role: 'admin' }])
  const workos = await connectWorkos(app, tenant)
  await workos.send(events)
  const { users, groups } = await directoryByNames(tenant)
  return {
    users: users.map(({ userName, active, name }: Record<string, unknown>) => ({ userName, active, name })),
    groups,
    admins: await org.seen(),
    everybody: await everybody.seen(),
  }
}

test('domain.md 8 any order of any events, with repetitions, ends in what the directory is', async () => {
  const property = fc.asyncProperty(
    fc.array(action, { minLength: 8, maxLength: 16 }),
    fc.array(fc.double({ noNaN: true }), { minLength: 60, maxLength: 60 }),
    fc.array(fc.nat(), { maxLength: 6 }),
    async (actions, weights, again) => {
      const directory = scenario(actions)
      const { users, groups } = directory.byNames()
      const inOrder = await outcomeOf(directory.events)
      expect(await outcomeOf(disordered(directory.events, weights, again))).toEqual(inOrder)
      expect(inOrder.groups).toEqual(groups)
      expect(inOrder.users).toEqual(
        users.map(({ userName, active, givenName }) => ({
          userName,
          active,
          name: { givenName, familyName: 'Example' },
        })),
      )
      const seen = users.filter(({ active }) => active).map(({ userName }) => String(userName).split('@')[0])
      expect(Object.keys(inOrder.everybody)).toEqual(seen)
    },
  )
  await fc.assert(property, { numRuns: 8 })
}, 120_000)

// The orders that matter one by one: what WorkOS tells late, and what a directory that was deleted leaves behind.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestApp, type TestApp } from '../support/app.ts'
import { connectWorkos, directoryByNames, WorkosDirectory, type WorkosEventBody } from '../support/workos.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

/** What the events come to in this order: user names, and `group: members`. */
async function after(events: readonly (WorkosEventBody | undefined)[]): Promise<string[]> {
  const tenant = await app.createTenant()
  const workos = await connectWorkos(app, tenant)
  await workos.send(events.map((event) => event ?? expect.unreachable()))
  const { users, groups } = await directoryByNames(tenant)
  return [
    ...users.map(({ userName }: { userName: string }) => userName.split('@')[0]),
    ...groups.map(({ displayName, members }: { displayName: string; members: string[] }) =>
      [displayName, ...members.map((name) => name.split('@')[0])].join(': '),
    ),
  ]
}

/** Ada is made, put into a group and removed, and comes back under her id. */
function comingBack(): WorkosDirectory {
  const directory = new WorkosDirectory()
  const group = directory.group('Staff')
  const ada = directory.user('ada')
  directory.add(group, ada)
  directory.remove(ada)
  directory.user('ada')
  return directory
}

test('domain.md 8 who comes back is in no group of before, also when the deletion is told late', async () => {
  const [group, made, added, removed, again] = comingBack().events
  const expected = ['ada', 'Staff']
  expect(await after([group, made, added, removed, again])).toEqual(expected)
  expect(await after([group, made, added, again, removed])).toEqual(expected)
  expect(await after([again, removed, group, added, made])).toEqual(expected)
  expect(await after([removed, again, made, group, added])).toEqual(expected)
})

test('domain.md 8 deleted, then created or updated late: stays deleted', async () => {
  const directory = new WorkosDirectory()
  const ada = directory.user('ada')
  directory.change(ada, { first_name: 'Augusta' })
  directory.remove(ada)
  const group = directory.group('Staff')
  directory.remove(group)
  const [made, changed, removed, groupMade, groupRemoved] = directory.events
  expect(await after([removed, changed, made, groupRemoved, groupMade])).toEqual([])
  expect(await after([made, removed, changed, removed, made, groupMade, groupRemoved])).toEqual([])
})

test('domain.md 8 a membership that is told before the user and the group makes both', async () => {
  const [group, made, added] = comingBack().events
  expect(await after([added])).toEqual(['ada', 'Staff: ada'])
  expect(await after([added, group, made])).toEqual(['ada', 'Staff: ada'])
})

test('domain.md 8 removed from a group before being added to it by an older event: is not in it', async () => {
  const directory = new WorkosDirectory()
  const group = directory.group('Staff')
  const ada = directory.user('ada')
  directory.add(group, ada)
  directory.drop(group, ada)
  const [groupMade, made, added, dropped] = directory.events
  expect(await after([dropped, added, made, groupMade])).toEqual(['ada', 'Staff'])
  expect(await after([groupMade, made, dropped, added])).toEqual(['ada', 'Staff'])
})

test('domain.md 8 a name that is given up is free for whoever waited for it', async () => {
  const directory = new WorkosDirectory()
  directory.user('old', { username: 'ada@acme.test' })
  const young = directory.user('young', { username: 'ada@acme.test' })
  directory.change(young, { username: 'bob@acme.test' })
  const [older, younger, renamed] = directory.events
  expect(await after([older, younger, renamed])).toEqual(['ada', 'bob'])
  expect(await after([younger, older, renamed])).toEqual(['ada', 'bob'])
  expect(await after([renamed, younger, older])).toEqual(['ada', 'bob'])
})

test('domain.md 8 a group whose name goes to another one is that one, with its members', async () => {
  const directory = new WorkosDirectory()
  directory.add(directory.group('old', { name: 'Staff' }), directory.user('ada'))
  const young = directory.group('young', { name: 'Staff' })
  directory.add(young, directory.user('bob'))
  const { events } = directory
  expect(await after(events)).toEqual(['ada', 'bob', 'Staff: bob'])
  expect(await after(events.toReversed())).toEqual(['ada', 'bob', 'Staff: bob'])
  directory.change(young, { name: 'Guests' })
  expect(await after(events)).toEqual(['ada', 'bob', 'Guests: bob', 'Staff: ada'])
  expect(await after(events.toReversed())).toEqual(['ada', 'bob', 'Guests: bob', 'Staff: ada'])
})

test('domain.md 8 dsync.deleted ends people and memberships of before, and none of after', async () => {
  const directory = new WorkosDirectory()
  const staff = directory.group('Staff')
  directory.add(staff, directory.user('ada'))
  directory.disconnect()
  directory.activate()
  const [group, made, added, deleted, activated] = directory.events
  expect(await after([deleted, activated, group, made, added])).toEqual(['Staff'])
  expect(await after([group, deleted, added, made, activated])).toEqual(['Staff'])
  directory.user('ada')
  const back = directory.events.at(-1)
  expect(await after([group, made, added, deleted, activated, back])).toEqual(['ada', 'Staff'])
  expect(await after([back, added, group, deleted, made])).toEqual(['ada', 'Staff'])
})

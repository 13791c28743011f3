// SQL is only parameterised: whatever a client writes, with every operator of filters, in paths, names and parameters, the
// answer is what the in-memory reading gives (scim/match.ts), and no statement that reaches PostgreSQL has it in its text.
// The statements are those on the wire: of hand-written SQL and of Prisma.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type CountingProxy, startProxy } from '../../bench/round-trips.ts'
import { parseFilter } from '../../src/scim/filter.ts'
import { foldAttributes } from '../../src/scim/fold.ts'
import { matches } from '../../src/scim/match.ts'
import { parsePath } from '../../src/scim/path.ts'
import type { JsonObject } from '../../src/scim/resource.ts'
import { groupType } from '../../src/scim/schemas/group.ts'
import { userType } from '../../src/scim/schemas/user.ts'
import { searchRequestSchema } from '../../src/scim/search-request.ts'
import { compareResources, parseSort } from '../../src/scim/sort.ts'
import { expectScimError } from '../support/answers.ts'
import { adminClient, startTestApp, type TestApp } from '../support/app.ts'
import { createTestDatabase } from '../support/postgres.ts'
import { enterpriseUrn, patchBody } from '../support/protocol.ts'
import { answered, aScene, type Scene } from '../support/provisioning.ts'

/** In all that this file sends, and in no statement of ours. */
const MARK = 'zqx'

const pieces = [
  "'",
  "''; DROP TABLE users; --",
  "' OR '1'='1",
  '"',
  '\\',
  "\\'",
  '%',
  '_',
  '%_%',
  '$1',
  '$$',
  '--',
  ';',
  '/*',
  ':name',
  '?',
  '{}',
  '\n',
  '\u0001',
  'Ünï ß İ',
  '\ud83d\ude00',
  '\u202e',
  'a'.repeat(400),
]
const texts = pieces.map((piece) => `${MARK}${piece}${MARK}`)
/** What PostgreSQL's text cannot hold: U+0000, and half of a surrogate pair. */
const unstorable = ['\u0000', '\ud800', 'a\udfff'].map((piece) => MARK + piece)
/** Longer than any name. */
const long = MARK + 'a'.repeat(3000)

const operators = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const
const paths = [
  'userName',
  'displayName',
  'externalId',
  'title',
  'name.familyName',
  'emails.value',
  'emails',
  'groups.display',
  'id',
  'meta.location',
  'meta.version',
  `${enterpriseUrn}:department`,
  `${enterpriseUrn}:manager.value`,
]

let proxy: CountingProxy
let app: TestApp
let scene: Scene
let users: readonly JsonObject[]
let folded: readonly JsonObject[]
const ids: string[] = []
beforeAll(async () => {
  const testDatabase = await createTestDatabase()
  proxy = await startProxy(testDatabase.url)
  app = await startTestApp({ testDatabase: { ...testDatabase, url: proxy.url } })
  scene = await aScene(app)
  await scene.org.save({ mode: 'scim' })
  for (const text of texts) ids.push(await scene.idp.user('', attributesOf(text)))
  for (const text of texts.slice(0, 12)) await scene.idp.group(text, ids.slice(0, 5))
  users = (await answered(scene.tenant.scim.get('/Users?count=1000'), 200)).body.Resources
  folded = users.map((user) => foldAttributes(user, userType))
})
afterAll(async () => {
  await app.close()
  await proxy.close()
})
afterEach(() => {
  const statements = proxy.statements()
  expect(statements.length).toBeGreaterThan(100)
  expect(statements.filter((text) => text.toLowerCase().includes(MARK))).toEqual([])
})

const attributesOf = (text: string) => ({
  userName: text,
  displayName: text,
  externalId: text,
  title: text,
  name: { familyName: text },
  emails: [{ value: text, type: 'work' }],
  [enterpriseUrn]: { department: text, manager: { value: text } },
})

const at = <T>(list: readonly T[], i: number): T => list[i % list.length] ?? expect.unreachable()

interface Page {
  readonly Resources: readonly JsonObject[]
  readonly nextCursor?: string
}

/** Over POST: a URL would have no place for half of a surrogate pair. */
async function found(filter: string): Promise<string[]> {
  const body = { schemas: [searchRequestSchema], filter, count: 1000 }
  const { Resources } = (await answered(scene.tenant.scim.post('/Users/.search', body), 200)).body
  return Resources.map(({ id }: JsonObject) => id).sort()
}

async function expectAsInMemory(filter: string): Promise<number> {
  const parsed = parseFilter(filter, userType)
  const expected = folded.filter((user) => matches(parsed, user)).map(({ id }) => String(id))
  expect({ filter, ids: await found(filter) }).toEqual({ filter, ids: expected.sort() })
  return expected.length
}

describe('filters (RFC 7644 section 3.4.2.2)', () => {
  test.each(operators)('%s with any text, and of any attribute', async (operator) => {
    let selected = 0
    for (const [i, text] of [...texts, long].entries()) {
      const literal = JSON.stringify(i % 2 === 0 ? text : text.slice(0, -MARK.length))
      selected += await expectAsInMemory(`${at(paths, i)} ${operator} ${literal}`)
    }
    for (const [i, path] of paths.entries()) {
      selected += await expectAsInMemory(`${path} ${operator} ${JSON.stringify(at(texts, i * 5 + 1))}`)
    }
    expect(selected).toBeGreaterThan(0)
  })

  test('and, or, not, pr, and value paths', async () => {
    for (const [i, text] of [...texts, long].entries()) {
      const [one, other] = [JSON.stringify(text), JSON.stringify(at(texts, i + 3))]
      const path = at(paths, i + 2)
      await expectAsInMemory(`title pr and (${path} eq ${one} or userName co ${other})`)
      await expectAsInMemory(`not (${path} co ${one}) and not (emails.value ew ${other})`)
      await expectAsInMemory(`emails[type eq "work" and not (value sw ${one} or value eq ${other})]`)
      await expectAsInMemory(`groups[display eq ${one} or value co ${other}]`)
    }
  })

  test.each(operators)('%s with what no value can have is refused', async (operator) => {
    for (const [i, text] of unstorable.entries()) {
      const body = {
        schemas: [searchRequestSchema],
        filter: `${at(paths, i)} ${operator} ${JSON.stringify(text)}`,
      }
      expectScimError(await scene.tenant.scim.post('/Users/.search', body), 400, 'invalidFilter')
    }
  })

  test('of another type, and of both at once', async () => {
    const { scim } = scene.tenant
    for (const text of texts) {
      const filter = encodeURIComponent(`displayName eq ${JSON.stringify(text)}`)
      const groups = (await answered(scim.get(`/Groups?filter=${filter}`), 200)).body
      const both = (await answered(scim.get(`?filter=${filter}`), 200)).body
      expect(groups.totalResults).toBe(texts.indexOf(text) < 12 ? 1 : 0)
      expect(both.totalResults).toBe(groups.totalResults + 1)
    }
  })
})

describe('sorting and pages (RFC 7644 section 3.4.2.3, RFC 9865)', () => {
  test('keys of any text are parameters of the next page', async () => {
    for (const sortBy of ['displayName', 'emails.value', `${enterpriseUrn}:department`]) {
      const path = `/Users?sortBy=${encodeURIComponent(sortBy)}&count=7`
      const seen: JsonObject[] = []
      for (let cursor: string | undefined = ''; cursor !== undefined; ) {
        const page: Page = (await answered(scene.tenant.scim.get(`${path}&cursor=${cursor}`), 200)).body
        seen.push(...page.Resources)
        cursor = page.nextCursor
      }
      const sort = parseSort(sortBy, undefined, userType)
      const expected = folded.toSorted((a, b) => compareResources(sort, a, b)).map(({ id }) => id)
      expect(seen.map(({ id }) => id)).toEqual(expected)
    }
  })

  test('no name to sort by, to show or to leave out is anything but a name', async () => {
    for (const text of texts) {
      const name = encodeURIComponent(text)
      await answered(scene.tenant.scim.get(`/Users?sortBy=${name}`), 400)
      await answered(scene.tenant.scim.get(`/Users?sortBy=userName&sortOrder=${name}`), 400)
      await answered(scene.tenant.scim.get(`/Users?attributes=${name}`), 200)
      await answered(scene.tenant.scim.get(`/Users?cursor=${name}`), 400)
      await answered(scene.tenant.scim.get(`/Users/${encodeURIComponent(text.slice(0, 100))}`), 404)
    }
  })
})

describe('paths of a PATCH (RFC 7644 section 3.5.2)', () => {
  test.each(operators)('members[display %s …] removes whom it names', async (operator) => {
    for (const [i, piece] of [...texts, long].entries()) {
      if (i % operators.length !== operators.indexOf(operator) && i % 8 !== 0) continue
      const path = `members[${i % 5 === 0 ? 'value' : 'display'} ${operator} ${JSON.stringify(piece)}]`
      const { scim } = scene.tenant
      const groupId = await scene.idp.group(`${MARK} ${operator} ${i}`, ids)
      const before = (await answered(scim.get(`/Groups/${groupId}`), 200)).body
      const { filter } = parsePath(path, groupType)
      if (filter === null) return expect.unreachable()
      const elements: JsonObject[] = foldedMembers(before)
      const left = elements.filter((element) => !matches(filter, element)).map(({ value }) => value)
      await scim.patch(`/Groups/${groupId}`, patchBody({ op: 'remove', path }))
      const { members = [] } = (await answered(scim.get(`/Groups/${groupId}`), 200)).body
      expect({ path, left: members.map(({ value }: JsonObject) => value).sort() }).toEqual({
        path,
        left: left.sort(),
      })
      await scene.idp.deleteGroup(groupId)
    }
  })
})

/** The members as filters compare them. */
function foldedMembers(group: JsonObject): JsonObject[] {
  const { members } = foldAttributes(group, groupType)
  return JSON.parse(JSON.stringify(members ?? []))
}

describe('the admin API', () => {
  test('members by e-mail: those who have it, and nobody else', async () => {
    const { org } = scene
    const all = await org.members()
    expect(all.length).toBe(texts.length)
    for (const text of texts) {
      const answer = await org.admin.get(org.path(`/members?email=${encodeURIComponent(text)}`))
      const found = answer.body.members.map(({ userId }: { userId: string }) => userId)
      expect({ text, found }).toEqual({ text, found: [at(ids, texts.indexOf(text))] })
    }
  })

  test('every other parameter of a list, and every name in a path, finds nothing or is refused', async () => {
    const admin = adminClient(app)
    const { org, tenant } = scene
    for (const text of texts.filter((_, i) => i % 2 === 0)) {
      const value = encodeURIComponent(text)
      const lists = [
        org.path(`/members?role=${value}`),
        org.path(`/members?seatType=${value}`),
        org.path(`/members?status=${value}`),
        org.path(`/members?after=${value}`),
        org.path(`/waiting?waitsFor=${value}`),
        org.path(`/waiting?after=${value}`),
        org.path(`/provisioning/versions?after=${value}`),
        `/events?type=${value}`,
        `/events?subject=${value}`,
        `/events?after=${value}`,
        `/events?since=${value}`,
        `/directories/${tenant.directoryId}/schemas/${encodeURIComponent(text.slice(0, 100))}`,
        `/organizations/${encodeURIComponent(text.slice(0, 100))}`,
        `/admin-tokens?limit=${value}`,
      ]
      for (const path of lists) {
        const { status, body } = await admin.get(path)
        if (status === 200) expect({ path, found: body.members ?? body.waiting }).toEqual({ path, found: [] })
        else expect([400, 404]).toContain(status)
      }
    }
  })

  test('names, sign-ins and groups of an assertion', async () => {
    const { org } = scene
    for (const text of texts) {
      await answered(org.admin.patch(org.path(''), { name: text.slice(0, 200) }), 200)
      const email = text.replaceAll(/\s/g, '').slice(0, 300)
      const body = { email, groups: [text] }
      await answered(org.admin.post(org.path('/sign-ins'), body), 200)
    }
    expect((await answered(org.admin.get(org.path('')), 200)).body.name).toBe(texts.at(-1)?.slice(0, 200))
  })
})

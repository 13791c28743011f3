// Pages by cursors over HTTP (RFC 9865), also while others write.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { searchRequestSchema } from '../../../src/scim/search-request.ts'
import { expectScimError } from '../../support/answers.ts'
import { startTestApp, type Tenant, type TestApp } from '../../support/app.ts'
import { listUrn, patchBody } from '../../support/protocol.ts'

let app: TestApp
let tenant: Tenant
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

interface Page {
  readonly totalResults: number
  readonly itemsPerPage: number
  readonly nextCursor?: string
  readonly previousCursor?: string
  readonly Resources: readonly { id: string; userName?: string; displayName?: string }[]
}

const get = async (path: string): Promise<Page> => (await tenant.scim.get(path).expect(200)).body

const namesOf = ({ Resources }: Page): string =>
  Resources.map(({ userName, displayName }) => userName ?? displayName).join(' ')

/** Every page from this one on, by nextCursor; `between` runs before each further one. */
async function follow(path: string, first: Page, between: (page: Page) => Promise<unknown>): Promise<Page[]> {
  const pages = [first]
  for (let page = first; page.nextCursor !== undefined; ) {
    await between(page)
    page = await get(`${path}&cursor=${page.nextCursor}`)
    pages.push(page)
  }
  return pages
}

const nothing = async () => {}

const walk = async (path: string, between: (page: Page) => Promise<unknown> = nothing): Promise<Page[]> =>
  follow(path, await get(`${path}&cursor=`), between)

async function create(...userNames: string[]): Promise<string[]> {
  const ids: string[] = []
  for (const userName of userNames)
    ids.push((await tenant.scim.post('/Users', { userName }).expect(201)).body.id)
  return ids
}

const remove = (id: string | undefined) => tenant.scim.delete(`/Users/${id}`).expect(204)

describe('RFC 9865 2 pages', () => {
  beforeAll(async () => {
    tenant = await app.createTenant()
    const [ada] = await create('ada', 'Cleo', 'bob', 'dora', 'emil')
    await tenant.scim.post('/Groups', { displayName: 'Cooks', members: [{ value: ada }] }).expect(201)
    await tenant.scim.post('/Groups', { displayName: 'all' }).expect(201)
  })

  test.each([
    ['/Users?count=2', 'ada Cleo|bob dora|emil'],
    ['/Users?count=5', 'ada Cleo bob dora emil'],
    ['/Users?sortBy=userName&count=2', 'ada bob|Cleo dora|emil'],
    ['/Users?sortBy=userName&sortOrder=descending&count=3', 'emil dora Cleo|bob ada'],
    ['/Users?filter=userName%20co%20%22o%22&count=2', 'Cleo bob|dora'],
    ['/Users?sortBy=groups.display&count=2', 'ada Cleo|bob dora|emil'],
    ['/Users?filter=userName%20eq%20%22nobody%22&count=2', ''],
    ['/Groups?sortBy=displayName&count=1', 'all|Cooks'],
    ['/?sortBy=displayName&count=3', 'all Cooks ada|Cleo bob dora|emil'],
    ['/?count=4', 'ada Cleo bob dora|emil Cooks all'],
  ])('%s', async (path, expected) => {
    const pages = await walk(path)
    expect(pages.map(namesOf).join('|')).toBe(expected)
    for (const page of pages) {
      expect(page.itemsPerPage).toBe(page.Resources.length)
      expect(page.totalResults).toBe(expected === '' ? 0 : expected.split(/[ |]/).length)
      expect(page).not.toHaveProperty('startIndex')
    }

    const back: string[] = []
    for (let cursor = pages.at(-1)?.previousCursor; cursor !== undefined; ) {
      const page = await get(`${path}&cursor=${cursor}`)
      expect(page.nextCursor).toBeDefined()
      back.unshift(namesOf(page))
      cursor = page.previousCursor
    }
    expect(back).toEqual(pages.slice(0, -1).map(namesOf))
  })

  test('the first page has no previousCursor, the last no nextCursor, the others both', async () => {
    const pages = await walk('/Users?count=2')
    expect(pages.map(({ previousCursor }) => previousCursor !== undefined)).toEqual([false, true, true])
    expect(pages.map(({ nextCursor }) => nextCursor !== undefined)).toEqual([true, true, false])
    for (const cursor of pages.flatMap(({ nextCursor }) => nextCursor ?? []))
      expect(cursor).toMatch(/^[\w-]+$/)
    expect(pages[0]).toMatchObject({ schemas: [listUrn], totalResults: 5, itemsPerPage: 2 })
  })

  test.each(['cursor', 'cursor=', 'CURSOR=', 'Cursor&count=100', 'cursor=&startIndex=3'])(
    '%s asks for the first page',
    async (query) => {
      const page = await get(`/Users?${query}`)
      expect(namesOf(page)).toBe('ada Cleo bob dora emil')
      expect(page).not.toHaveProperty('startIndex')
    },
  )

  test('RFC 9865 2.4 without a cursor pages have an index, and no cursor', async () => {
    const page = await get('/Users?count=2')
    expect(page).toMatchObject({ startIndex: 1, itemsPerPage: 2 })
    expect(page).not.toHaveProperty('nextCursor')
    expect(await get('/Users?count=0')).toMatchObject({ totalResults: 5, itemsPerPage: 0 })
  })

  test('another count and other attributes are no other query', async () => {
    const { nextCursor } = await get('/Users?cursor=&count=1')
    expect(namesOf(await get(`/Users?cursor=${nextCursor}&count=3&attributes=userName`))).toBe(
      'Cleo bob dora',
    )
  })

  test.each(['/Users', '/Groups', ''])('RFC 9865 3 POST %s/.search', async (endpoint) => {
    const search = async (more: object): Promise<Page> =>
      (
        await tenant.scim
          .post(`${endpoint}/.search`, { schemas: [searchRequestSchema], sortBy: 'id', count: 2, ...more })
          .expect(200)
      ).body
    const byUrl = await walk(`${endpoint}/?sortBy=id&count=2`)
    const pages = [await search({ CURSOR: '' })]
    for (let { nextCursor } = pages[0] ?? {}; nextCursor !== undefined; ) {
      const page = await search({ cursor: nextCursor })
      pages.push(page)
      nextCursor = page.nextCursor
    }
    expect(pages.map(namesOf)).toEqual(byUrl.map(namesOf))
    expect(await search({ cursor: null })).toHaveProperty('startIndex', 1)
    const refused = await tenant.scim.post(`${endpoint}/.search`, { cursor: 5 })
    expect(expectScimError(refused, 400, 'invalidSyntax')).toContain('cursor')
  })
})

describe('RFC 9865 2.1 errors', () => {
  beforeAll(async () => {
    tenant = await app.createTenant()
    await create('ada', 'bob', 'cleo')
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  const refused = async (path: string, scimType: string) =>
    expectScimError(await tenant.scim.get(path), 400, scimType)

  test.each(['0', '-1', '1001', 'x', '1.5'])('count=%s: invalidCount', async (count) => {
    expect(await refused(`/Users?cursor=&count=${count}`, 'invalidCount')).toContain('1000')
    const search = { schemas: [searchRequestSchema], cursor: '', count: Number(count) }
    if (Number.isInteger(Number(count))) {
      expectScimError(await tenant.scim.post('/Users/.search', search), 400, 'invalidCount')
    }
  })

  test.each(['x', '0', '%00', '%FF', '=', '%F0%9F%98%80', "'%20OR%201=1--", 'A'.repeat(20_000)])(
    'cursor=%s: invalidCursor',
    async (cursor) => {
      await refused(`/Users?cursor=${cursor}`, 'invalidCursor')
      await refused(`/?cursor=${cursor}`, 'invalidCursor')
    },
  )

  test('a cursor of another query or another directory: invalidCursor', async () => {
    const { nextCursor } = await get('/Users?cursor=&count=1&sortBy=userName')
    await get(`/Users?cursor=${nextCursor}&count=1&sortBy=USERNAME`)
    await refused(`/Users?cursor=${nextCursor}`, 'invalidCursor')
    await refused(`/Users?cursor=${nextCursor}&sortBy=userName&sortOrder=descending`, 'invalidCursor')
    await refused(`/Users?cursor=${nextCursor}&sortBy=userName&filter=userName%20pr`, 'invalidCursor')
    await refused(`/?cursor=${nextCursor}&sortBy=userName`, 'invalidCursor')
    const other = await app.createTenant()
    const answer = await other.scim.get(`/Users?cursor=${nextCursor}&sortBy=userName`)
    expectScimError(answer, 400, 'invalidCursor')
  })

  test('a cursor older than ServiceProviderConfig says: expiredCursor', async () => {
    const { pagination } = (await tenant.scim.get('/ServiceProviderConfig').expect(200)).body
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-01-01T00:00:00Z') })
    const { nextCursor } = await get('/Users?cursor=&count=1')
    vi.setSystemTime(new Date(Date.now() + (pagination.cursorTimeout - 1) * 1000))
    await get(`/Users?cursor=${nextCursor}&count=1`)
    vi.setSystemTime(new Date(Date.now() + 2000))
    await refused(`/Users?cursor=${nextCursor}&count=1`, 'expiredCursor')
  })
})

describe('RFC 9865 while others write, nobody is left out or comes twice but by the write itself', () => {
  let ids: string[]
  beforeEach(async () => {
    tenant = await app.createTenant()
    ids = await create('a', 'c', 'e', 'g', 'i')
  })

  test('what is deleted behind the cursor shifts nothing', async () => {
    const gone = [...ids]
    const pages = await walk('/Users?count=2', () => remove(gone.shift()))
    expect(pages.map(namesOf)).toEqual(['a c', 'e g', 'i'])
    expect(pages.map(({ totalResults }) => totalResults)).toEqual([5, 4, 3])
  })

  test('the very resource that the cursor stands on may go', async () => {
    const pages = await walk('/Users?sortBy=userName&count=2', ({ Resources }) =>
      remove(Resources.at(-1)?.id),
    )
    expect(pages.map(namesOf)).toEqual(['a c', 'e g', 'i'])
  })

  test('who comes is found if it comes after the cursor', async () => {
    const names = ['b', 'h']
    const pages = await walk('/Users?sortBy=userName&count=2', () => create(...names.splice(0)))
    expect(pages.map(namesOf)).toEqual(['a c', 'e g', 'h i'])
  })

  test('a change of what nobody is sorted by moves nobody', async () => {
    const path = '/Users?sortBy=userName&sortOrder=descending&count=2'
    const pages = await walk(path, ({ Resources }) =>
      tenant.scim
        .patch(`/Users/${Resources[0]?.id}`, patchBody({ op: 'add', path: 'title', value: 'x' }))
        .expect(200),
    )
    expect(pages.map(namesOf)).toEqual(['i g', 'e c', 'a'])
  })

  test('who is moved behind the cursor by a change is not seen, who is moved ahead is', async () => {
    const rename = (id: string | undefined, userName: string) =>
      tenant.scim
        .patch(`/Users/${id}`, patchBody({ op: 'replace', path: 'userName', value: userName }))
        .expect(200)
    const first = await get('/Users?sortBy=userName&count=2&cursor=')
    await rename(ids[0], 'z')
    await rename(ids[4], 'b')
    const pages = await follow('/Users?sortBy=userName&count=2', first, nothing)
    expect(pages.map(namesOf)).toEqual(['a c', 'e g', 'z'])
  })

  test('with all gone that was ahead, the last page is empty and leads back', async () => {
    const [first] = await walk('/Users?count=2')
    for (const id of ids.slice(2)) await remove(id)
    const empty = await get(`/Users?count=2&cursor=${first?.nextCursor}`)
    expect(empty).toMatchObject({ totalResults: 2, itemsPerPage: 0, Resources: [] })
    expect(empty).not.toHaveProperty('nextCursor')
    expect(namesOf(await get(`/Users?count=2&cursor=${empty.previousCursor}`))).toBe('a c')
  })

  test('with all gone that was behind, the page before is empty and leads on', async () => {
    const pages = await walk('/Users?count=2')
    for (const id of ids.slice(0, 2)) await remove(id)
    const empty = await get(`/Users?count=2&cursor=${pages[1]?.previousCursor}`)
    expect(empty).toMatchObject({ totalResults: 3, Resources: [] })
    expect(empty).not.toHaveProperty('previousCursor')
    expect(namesOf(await get(`/Users?count=2&cursor=${empty.nextCursor}`))).toBe('e g')
  })
})

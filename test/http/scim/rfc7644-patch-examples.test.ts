// The PATCH requests that RFC 7644 draws (section 3.5.2), with people of ours.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestApp, type Tenant, type TestApp } from '../../support/app.ts'
import { groupUrn, patchBody, userUrn } from '../../support/protocol.ts'

let app: TestApp
let tenant: Tenant
beforeAll(async () => {
  app = await startTestApp()
  tenant = await app.createTenant()
})
afterAll(() => app.close())

const create = async (endpoint: '/Users' | '/Groups', body: object) =>
  (await tenant.scim.post(endpoint, body).expect(201)).body

describe('RFC 7644 3.5.2 patching members', () => {
  let babs: { id: string; meta: { location: string } }
  let james: typeof babs
  let group: string
  beforeAll(async () => {
    babs = await create('/Users', { schemas: [userUrn], userName: 'babs' })
    james = await create('/Users', { schemas: [userUrn], userName: 'james' })
    group = (await create('/Groups', { schemas: [groupUrn], displayName: 'Guides' })).id
  })

  const member = ({ id, meta }: typeof babs, display: string) => ({ display, $ref: meta.location, value: id })
  const membersAfter = async (...operations: object[]) => {
    const { version } = (await tenant.scim.get(`/Groups/${group}`).expect(200)).body.meta
    const answer = await tenant.scim
      .patch(`/Groups/${group}`, patchBody(...operations))
      .set('If-Match', version)
    const { body, headers } = await tenant.scim.get(`/Groups/${group}`).expect(200)
    expect([answer.status, answer.body]).toEqual([200, body])
    expect([answer.headers.etag, answer.headers.location]).toEqual([headers.etag, body.meta.location])
    return (body.members ?? []).map(({ value }: { value: string }) => value)
  }

  test('RFC 7644 3.5.2.1 add one, who may be there already', async () => {
    const add = { op: 'add', path: 'members', value: [member(babs, 'Babs')] }
    expect(await membersAfter(add)).toEqual([babs.id])
    const before = (await tenant.scim.get(`/Groups/${group}`)).body.meta
    expect(await membersAfter(add)).toEqual([babs.id])
    expect((await tenant.scim.get(`/Groups/${group}`)).body.meta).toEqual(before)
  })

  test('RFC 7644 3.5.2.2 remove one, who may not be there, or all', async () => {
    await membersAfter({
      op: 'replace',
      path: 'members',
      value: [member(babs, 'Babs'), member(james, 'James')],
    })
    const one = { op: 'remove', path: `members[value eq "${babs.id}"]` }
    expect(await membersAfter(one)).toEqual([james.id])
    expect(await membersAfter(one)).toEqual([james.id])
    expect(await membersAfter({ op: 'remove', path: 'members' })).toEqual([])
  })

  test('RFC 7644 3.5.2.2 remove one and add another; remove all and add some', async () => {
    await membersAfter({ op: 'add', path: 'members', value: [member(babs, 'Babs')] })
    const swapped = await membersAfter(
      { op: 'remove', path: `members[value eq "${babs.id}"]` },
      { op: 'add', path: 'members', value: [member(james, 'James')] },
    )
    expect(swapped).toEqual([james.id])
    const renewed = await membersAfter(
      { op: 'remove', path: 'members' },
      { op: 'add', path: 'members', value: [member(babs, 'Babs'), member(james, 'James')] },
    )
    expect(renewed).toEqual([babs.id, james.id])
  })

  test('RFC 7644 3.5.2.3 replace all', async () => {
    const value = [member(james, 'James')]
    expect(await membersAfter({ op: 'replace', path: 'members', value })).toEqual([james.id])
  })
})

describe('RFC 7644 3.5.2 patching a user', () => {
  const office = { type: 'work', streetAddress: '100 Plaza', locality: 'Hollywood', country: 'US' }
  const home = {
    type: 'home',
    streetAddress: '456 Blvd',
    locality: 'Hollywood',
    country: 'US',
    primary: true,
  }
  const work = { value: 'bjensen@example.com', type: 'work', primary: true }
  const babs = { value: 'babs@jensen.example', type: 'home' }
  const patched = async (user: object, ...operations: object[]) => {
    const { id } = await create('/Users', {
      schemas: [userUrn],
      userName: `patched ${Math.random()}`,
      ...user,
    })
    return (await tenant.scim.patch(`/Users/${id}`, patchBody(...operations)).expect(200)).body
  }

  test('RFC 7644 3.5.2.1 add without a path: lists grow, single values are set, names have no case', async () => {
    const operation = { op: 'add', value: { emails: [babs], nickname: 'Babs' } }
    const user = await patched({ emails: [work], nickName: 'Bibi' }, operation)
    expect(user).toMatchObject({ emails: [work, babs], nickName: 'Babs' })
  })

  test('RFC 7644 3.5.2.2 remove by a filter on two sub-attributes; the last one takes the attribute with it', async () => {
    const path = 'emails[type eq "work" and value ew "example.com"]'
    expect((await patched({ emails: [work, babs] }, { op: 'remove', path })).emails).toEqual([babs])
    expect(await patched({ emails: [work] }, { op: 'remove', path })).not.toHaveProperty('emails')
  })

  test('RFC 7644 3.5.2.3 replace one address: it becomes primary, and the other is no more', async () => {
    const value = { ...office, streetAddress: '911 Plaza', formatted: '911 Plaza\nHollywood', primary: true }
    const operation = { op: 'replace', path: 'addresses[type eq "work"]', value }
    const { addresses } = await patched({ addresses: [office, home] }, operation)
    expect(addresses).toEqual([value, { ...home, primary: false }])
  })

  test('RFC 7644 3.5.2.3 replace one sub-attribute of the address that a filter finds', async () => {
    const operation = {
      op: 'replace',
      path: 'addresses[type eq "work"].streetAddress',
      value: '1010 Broadway Ave',
    }
    const { addresses } = await patched({ addresses: [office, home] }, operation)
    expect(addresses).toEqual([{ ...office, streetAddress: '1010 Broadway Ave' }, home])
  })

  test('RFC 7644 3.5.2.3 replace all that a filter finds, whole or in one sub-attribute', async () => {
    const third = { type: 'other', locality: 'Burbank', country: 'US' }
    const addresses = [office, home, third]
    const filter = 'addresses[locality eq "hollywood"]'
    const country = { op: 'replace', path: `${filter}.country`, value: 'SE' }
    expect((await patched({ addresses }, country)).addresses).toEqual([
      { ...office, country: 'SE' },
      { ...home, country: 'SE' },
      third,
    ])
    const whole = { op: 'replace', path: filter, value: { region: 'CA', locality: 'Venice' } }
    const { addresses: replaced } = await patched({ addresses }, whole)
    const region = { region: 'CA', locality: 'Venice' }
    expect(replaced).toEqual([region, region, third])
  })

  test('RFC 7644 3.5.2.3 replace without a path: what is named, and nothing else', async () => {
    const operation = { op: 'replace', value: { emails: [work, babs], nickname: 'Babs' } }
    const user = await patched({ emails: [{ value: 'old@x' }], title: 'Guide' }, operation)
    expect(user).toMatchObject({ emails: [work, babs], nickName: 'Babs', title: 'Guide' })
  })
})

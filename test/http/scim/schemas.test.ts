// What /Schemas serves is what validates: each attribute that it tells of behaves as it tells (RFC 7643 section 7).
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectScimError } from '../../support/answers.ts'
import { startTestApp, type Tenant, type TestApp } from '../../support/app.ts'
import { enterpriseUrn, groupUrn, userUrn } from '../../support/protocol.ts'

/** An attribute as a client reads it. */
interface Served {
  name: string
  type: string
  multiValued: boolean
  required: boolean
  mutability: string
  returned: string
  subAttributes?: Served[]
}

let app: TestApp
let tenant: Tenant
const served = new Map<string, Served[]>()
beforeAll(async () => {
  app = await startTestApp()
  tenant = await app.createTenant()
  const { body } = await app.http.get('/scim/v2/Schemas').expect(200)
  for (const { id, attributes } of body.Resources) served.set(id, attributes)
})
afterAll(() => app.close())

const attributesOf = (urn: string): Served[] => served.get(urn) ?? []

/** A value that fits the attribute; readOnly parts are there too. */
function valueFor({ name, type, multiValued, subAttributes }: Served): unknown {
  const one =
    type === 'boolean'
      ? true
      : type === 'complex'
        ? Object.fromEntries((subAttributes ?? []).map((sub) => [sub.name, valueFor(sub)]))
        : type === 'binary'
          ? btoa(`the ${name}`)
          : `the ${name}`
  return multiValued ? [one] : one
}

/** What of that value must come back. */
function kept(attribute: Served): unknown {
  if (attribute.type !== 'complex') return valueFor(attribute)
  const parts = (attribute.subAttributes ?? []).filter(({ mutability }) => mutability !== 'readOnly')
  const one = Object.fromEntries(parts.map((part) => [part.name, valueFor(part)]))
  return attribute.multiValued ? [one] : one
}

const isKept = ({ mutability, returned }: Served) => mutability !== 'readOnly' && returned !== 'never'
const all = (attributes: Served[], value: (attribute: Served) => unknown) =>
  Object.fromEntries(attributes.map((attribute) => [attribute.name, value(attribute)]))

test('RFC 7643 2.2 a user with every attribute keeps all that are not readOnly and returns all that may be', async () => {
  const [core, extension] = [attributesOf(userUrn), attributesOf(enterpriseUrn)]
  expect([core.length, extension.length]).toEqual([21, 6])
  const sent = {
    schemas: [userUrn, enterpriseUrn],
    ...all(core, valueFor),
    [enterpriseUrn]: all(extension, valueFor),
  }
  const created = await tenant.scim.post('/Users', sent)
  expect(created.status).toBe(201)
  const { id, meta, ...rest } = created.body
  expect(rest).toEqual({
    schemas: [userUrn, enterpriseUrn],
    ...all(core.filter(isKept), kept),
    [enterpriseUrn]: all(extension.filter(isKept), kept),
  })
})

describe('RFC 7643 7 every attribute', () => {
  test.each([
    [userUrn, '/Users', { userName: 'w' }],
    [groupUrn, '/Groups', { displayName: 'w' }],
  ])('%s: what is required is, and a wrong type is refused by name', async (urn, endpoint, least) => {
    const total = async (): Promise<number> =>
      (await tenant.scim.get(`${endpoint}?count=0`).expect(200)).body.totalResults
    const before = await total()
    for (const attribute of attributesOf(urn)) {
      const { name, type, required, mutability, multiValued } = attribute
      if (required) {
        const refused = await tenant.scim.post(endpoint, { ...least, schemas: [urn], [name]: null })
        expect(expectScimError(refused, 400, 'invalidValue')).toBe(`${name} is required.`)
      }
      if (mutability === 'readOnly') continue
      const wrong = type === 'boolean' ? 'neither' : 5
      const refused = await tenant.scim.post(endpoint, {
        ...least,
        schemas: [urn],
        [name]: multiValued ? [wrong] : wrong,
      })
      expect(expectScimError(refused, 400, 'invalidValue')).toContain(name)
    }
    expect(await total()).toBe(before)
  })

  test('can be filtered by, unless it is never returned; an attribute that is not served cannot', async () => {
    for (const { name, type, returned, subAttributes } of attributesOf(userUrn)) {
      const names = type === 'complex' ? (subAttributes ?? []).map((sub) => `${name}.${sub.name}`) : [name]
      for (const each of names) {
        const answer = await tenant.scim.get(`/Users?filter=${encodeURIComponent(`${each} pr`)}`)
        if (returned === 'never') expectScimError(answer, 400, 'invalidFilter')
        else expect([each, answer.status]).toEqual([each, 200])
      }
    }
    expectScimError(await tenant.scim.get('/Users?filter=shoe%20pr'), 400, 'invalidFilter')
  })
})

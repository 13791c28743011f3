// What discovery tells, against what RFC 7643 sections 4 to 8 say that it must.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { enterpriseUrn, groupUrn, userUrn } from '../../support/protocol.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

const read = async (path: string) => (await app.http.get(`/scim/v2${path}`).expect(200)).body

test('RFC 7643 5 and 8.5 ServiceProviderConfig has every attribute that is required, of its type', async () => {
  const config = await read('/ServiceProviderConfig')
  const supported = { supported: expect.any(Boolean) }
  expect(config).toMatchObject({
    patch: supported,
    bulk: { ...supported, maxOperations: expect.any(Number), maxPayloadSize: expect.any(Number) },
    filter: { ...supported, maxResults: expect.any(Number) },
    changePassword: supported,
    sort: supported,
    etag: supported,
    authenticationSchemes: expect.any(Array),
  })
  for (const limit of [config.bulk.maxOperations, config.bulk.maxPayloadSize, config.filter.maxResults]) {
    expect(Number.isInteger(limit) && limit > 0).toBe(true)
  }
  expect(config.authenticationSchemes.length).toBeGreaterThan(0)
  for (const scheme of config.authenticationSchemes) {
    expect(scheme).toMatchObject({
      type: 'oauthbearertoken',
      name: expect.any(String),
      description: expect.any(String),
    })
  }
})

test('RFC 7643 6 and 8.6 each resource type names an endpoint that is there, and schemas that /Schemas has', async () => {
  const { Resources: types } = await read('/ResourceTypes')
  const { Resources: schemas } = await read('/Schemas')
  const urns = schemas.map(({ id }: { id: string }) => id)
  expect(types.map(({ name }: { name: string }) => name)).toEqual(['User', 'Group'])
  for (const type of types) {
    expect(type).toMatchObject({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
      id: type.name,
      description: expect.any(String),
      endpoint: `/${type.name}s`,
    })
    expect(urns).toContain(type.schema)
    for (const extension of type.schemaExtensions) {
      expect(urns).toContain(extension.schema)
      expect(extension.required).toBe(false)
    }
    const { scim } = await app.createTenant()
    await scim.get(type.endpoint).expect(200)
  }
})

interface Served {
  name: string
  type: string
  multiValued: boolean
  required: boolean
  caseExact?: boolean
  mutability: string
  returned: string
  uniqueness?: string
  description: string
  canonicalValues?: string[]
  referenceTypes?: string[]
  subAttributes?: Served[]
}

/** What of an attribute is not the default of RFC 7643 section 2.2, in a few words. */
function unusual(attribute: Served): string {
  const { type, multiValued, required, caseExact, mutability, returned, uniqueness } = attribute
  const said = [
    type === 'string' ? '' : type,
    multiValued ? 'many' : '',
    required ? 'required' : '',
    // binary and reference are caseExact by their type
    caseExact && type === 'string' ? 'caseExact' : '',
    mutability === 'readWrite' ? '' : mutability,
    returned === 'default' ? '' : returned,
    (uniqueness ?? 'none') === 'none' ? '' : uniqueness,
  ]
  return said.filter((word) => word !== '').join(' ')
}

const plural = { '': 'complex many', '.primary': 'boolean' }
const under = (name: string, words: Record<string, string>) =>
  Object.fromEntries(Object.entries(words).map(([sub, said]) => [`${name}${sub}`, said]))

/** Each attribute that is more than an optional readWrite string; `a.b` is a sub-attribute. */
const expected: Record<string, Record<string, string>> = {
  [userUrn]: {
    userName: 'required server',
    name: 'complex',
    profileUrl: 'reference',
    active: 'boolean',
    password: 'caseExact writeOnly never',
    ...under('emails', plural),
    ...under('phoneNumbers', plural),
    ...under('ims', plural),
    ...under('photos', { ...plural, '.value': 'reference' }),
    ...under('addresses', plural),
    ...under('groups', {
      '': 'complex many readOnly',
      '.value': 'caseExact readOnly',
      '.$ref': 'reference readOnly',
      '.display': 'readOnly',
      '.type': 'readOnly',
    }),
    ...under('entitlements', plural),
    ...under('roles', plural),
    ...under('x509Certificates', { ...plural, '.value': 'binary' }),
  },
  [groupUrn]: {
    displayName: 'required server',
    ...under('members', {
      '': 'complex many',
      '.value': 'caseExact immutable',
      '.$ref': 'reference immutable',
      '.type': 'immutable',
      '.display': 'readOnly',
    }),
  },
  [enterpriseUrn]: {
    ...under('manager', {
      '': 'complex',
      '.value': 'caseExact',
      '.$ref': 'reference',
      '.displayName': 'readOnly',
    }),
  },
}

describe('RFC 7643 7 and 8.7.1 the schemas', () => {
  test.each(Object.keys(expected))('%s has the characteristics that the RFC gives it', async (urn) => {
    const schema = await read(`/Schemas/${urn}`)
    expect(schema).toMatchObject({ id: urn, name: expect.any(String), description: expect.any(String) })
    const all: [string, Served][] = schema.attributes.flatMap((attribute: Served) => [
      [attribute.name, attribute],
      ...(attribute.subAttributes ?? []).map((sub): [string, Served] => [
        `${attribute.name}.${sub.name}`,
        sub,
      ]),
    ])
    const found = all.map(([name, attribute]) => [name, unusual(attribute)]).filter(([, said]) => said !== '')
    expect(Object.fromEntries(found)).toEqual(expected[urn])
  })

  test('RFC 7643 2.1 and 7 each attribute has a name of the grammar, a description and what its type asks for', async () => {
    const { Resources } = await read('/Schemas')
    const all: Served[] = Resources.flatMap(({ attributes }: { attributes: Served[] }) =>
      attributes.flatMap((attribute) => [attribute, ...(attribute.subAttributes ?? [])]),
    )
    expect(all.length).toBeGreaterThan(80)
    for (const attribute of all) {
      expect(attribute.name).toMatch(/^[A-Za-z$][-$_0-9A-Za-z]*$/)
      expect(attribute.description.length).toBeGreaterThan(5)
      expect(attribute.subAttributes !== undefined).toBe(attribute.type === 'complex')
      expect(attribute.referenceTypes !== undefined).toBe(attribute.type === 'reference')
    }
  })

  test('RFC 7644 3.1 messages are no schemas: /Schemas has none of them', async () => {
    const { Resources } = await read('/Schemas')
    expect(JSON.stringify(Resources)).not.toContain('urn:ietf:params:scim:api:')
    await app.http.get('/scim/v2/Schemas/urn:ietf:params:scim:api:messages:2.0:ListResponse').expect(404)
  })
})

test('RFC 7644 4 sorting, paging and projection mean nothing to discovery', async () => {
  const query = '?startIndex=2&count=1&sortBy=name&sortOrder=descending&attributes=id'
  for (const path of ['/Schemas', '/ResourceTypes', '/ServiceProviderConfig', `/Schemas/${userUrn}`]) {
    expect(await read(`${path}${query}`)).toEqual(await read(path))
  }
})

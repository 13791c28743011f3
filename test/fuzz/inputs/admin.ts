// Requests to the admin API, made of its own document: every operation with ids that there are, and parameters and
// bodies as their schemas say, with one fault, or anything.
import fc from 'fast-check'
import type { Document, Operation, Parameter } from '../../../src/http/openapi/document.ts'
import type { Json } from '../../../src/scim/resource.ts'
import { json } from '../../support/scim-bodies.ts'
import { type Ask, encoded, type PlaceKind, queryOf } from '../ask.ts'
import { withFault } from './faults.ts'
import { asText, valuesOf } from './from-schema.ts'
import { plausible } from './plausible.ts'
import { hostile, nearly, places, urlBytes } from './texts.ts'

/** What stands for `{id}` below each part of the API. */
const ids: Readonly<Record<string, PlaceKind>> = {
  'parent-organizations': 'parent',
  organizations: 'org',
  directories: 'directory',
  'webhook-endpoints': 'endpoint',
}

const named: Readonly<Record<string, PlaceKind>> = {
  memberId: 'member',
  userId: 'user',
  connectionId: 'connection',
  secretId: 'secret',
  seq: 'seq',
  urn: 'urn',
}

/** Of what is deleted with all that it has there are spare ones. */
const deleted: Readonly<Record<string, PlaceKind>> = {
  '/v1/parent-organizations/{id}': 'spareParent',
  '/v1/organizations/{id}': 'spareOrg',
}

function placeOf(method: string, path: string, name: string): fc.Arbitrary<string> {
  const [, , part = ''] = path.split('/')
  const spare = method === 'delete' ? deleted[path] : undefined
  const kind = spare ?? (name === 'id' ? ids[part] : named[name])
  if (kind !== undefined) return places(kind)
  if (name === 'tokenId') return places(part === 'admin-tokens' ? 'adminToken' : 'directoryToken')
  return fc.constantFrom('1', '2', '3')
}

/** The path with something for each of its parameters: mostly what there is. */
function paths(method: string, path: string): fc.Arbitrary<string> {
  const parts = path.split(/(\{\w+\})/).map((part): fc.Arbitrary<string> => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1]
    if (name === undefined) return fc.constant(part)
    return fc.oneof(
      { weight: 14, arbitrary: placeOf(method, path, name) },
      { weight: 1, arbitrary: fc.oneof(hostile, nearly(placeOf(method, path, name))).map(encoded) },
      { weight: 1, arbitrary: urlBytes.map((text) => text.replaceAll(/[&=?#]/g, '')) },
    )
  })
  return fc.tuple(...parts).map((all) => all.join(''))
}

function queries(given: readonly Parameter[], { components }: Document): fc.Arbitrary<string> {
  const own = given.filter((each) => each.in === 'query')
  const shape = Object.fromEntries(
    own.map(({ name, schema }) => [
      name,
      fc.oneof(
        { weight: 12, arbitrary: valuesOf(schema, components.schemas, name).map(asText) },
        { weight: 1, arbitrary: hostile },
      ),
    ]),
  )
  const requiredKeys = own.filter(({ required }) => required === true).map(({ name }) => name)
  return fc.oneof(
    { weight: 12, arbitrary: fc.record(shape, { requiredKeys, noNullPrototype: true }).map(queryOf) },
    { weight: 1, arbitrary: fc.tuple(urlBytes, urlBytes).map(([name, value]) => `?${name}=${value}`) },
  )
}

function bodies(
  { requestBody }: Operation,
  usual: fc.Arbitrary<Json> | undefined,
  { components }: Document,
): fc.Arbitrary<string | undefined> {
  const schema = requestBody?.content['application/json']?.schema
  if (schema === undefined) return fc.constant(undefined)
  const made = valuesOf(schema, components.schemas)
  const valid =
    usual === undefined ? made : fc.oneof({ weight: 3, arbitrary: usual }, { weight: 1, arbitrary: made })
  const text = (value: Json) => JSON.stringify(value)
  return fc.oneof(
    { weight: 8, arbitrary: valid.map(text) },
    { weight: 6, arbitrary: withFault(valid).map(text) },
    { weight: 1, arbitrary: json.map(text) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  )
}

const takes = (parameters: readonly Parameter[], header: string): boolean =>
  parameters.some((each) => each.in === 'header' && each.name.toLowerCase() === header)

const conditions = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('"1"', '"2"', '*', 'W/"1"', '"1.aaaaaaaaaaaaaaaaaaaaaa"', '"', '""'),
  },
)

/** Few, so that a key comes again, with another request as a rule. */
const keys = fc.oneof(
  { weight: 5, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.nat(40).map((i) => `key-${i}`) },
  { weight: 1, arbitrary: fc.constantFrom('"a b"', '"', '', 'a'.repeat(300), '"\\""') },
)

/** The tokens that the world itself uses are none of the places, so that it is never locked out. */
export function adminAsks(document: Document): fc.Arbitrary<Ask> {
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => {
      const { parameters = [] } = operation
      return fc
        .record({
          path: paths(method, path),
          query: queries(parameters, document),
          body: bodies(operation, plausible[`${method} ${path}`], document),
          ifMatch: takes(parameters, 'if-match') ? conditions : fc.constant(undefined),
          key: takes(parameters, 'idempotency-key') ? keys : fc.constant(undefined),
        })
        .map(
          ({ path: filled, query, body, ifMatch, key }): Ask => ({
            method: method.toUpperCase(),
            path: filled + query,
            ...(body === undefined ? {} : { body }),
            headers: {
              ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
              ...(key === undefined ? {} : { 'idempotency-key': key }),
            },
            readsOnly: path.endsWith(':preview'),
          }),
        )
    }),
  )
  return fc.oneof(...operations)
}

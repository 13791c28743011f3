// What an identity provider writes: resources as a whole, PATCH bodies and their paths, bulk requests.
import fc from 'fast-check'
import type { Json, JsonObject } from '../../../src/scim/resource.ts'
import type { ResourceType } from '../../../src/scim/schema.ts'
import { groupType } from '../../../src/scim/schemas/group.ts'
import { userType } from '../../../src/scim/schemas/user.ts'
import { attributes } from '../../support/directory-data.ts'
import { elementFilters, fieldsOf, printed } from '../../support/filters.ts'
import { bulkBody, patchBody } from '../../support/protocol.ts'
import { anyPatchBody, json, operations } from '../../support/scim-bodies.ts'
import { sortableNames } from '../../support/sorts.ts'
import type { Ask, PlaceKind } from '../ask.ts'
import { addedUrn, addedValues, typeOfUsers } from './added-schema.ts'
import { withFault } from './faults.ts'
import { literals } from './searches.ts'
import { hostile, nearly, places } from './texts.ts'

const SCIM = '/scim/v2'
const kinds = { User: 'user', Group: 'group' } as const

/** E-mail addresses, so that people are found by them, or anything. */
const uniqueName = fc.oneof(
  { weight: 4, arbitrary: fc.nat(60).map((i) => `u${i}@acme.test`) },
  { weight: 1, arbitrary: hostile },
)
const members = fc.array(
  fc.oneof(places('user'), places('group'), hostile).map((value): Json => ({ value })),
  { maxLength: 4 },
)

const user: fc.Arbitrary<JsonObject> = fc
  .tuple(attributes(userType), addedValues, uniqueName, fc.boolean())
  .map(([held, added, userName, active]) => ({ ...held, ...added, userName, active }))
const group: fc.Arbitrary<JsonObject> = fc
  .tuple(attributes(groupType), uniqueName, members)
  .map(([held, displayName, list]) => ({ ...held, displayName, members: list }))
const small: fc.Arbitrary<JsonObject> = fc.tuple(uniqueName, addedValues).map(([userName, added]) => ({
  ...added,
  schemas: [userType.schema.id],
  userName,
}))

const resourceOf = { User: fc.oneof(user, small), Group: group }
const types = fc.constantFrom<ResourceType[]>(typeOfUsers, typeOfUsers, groupType)

const bodiesOf = ({ name }: ResourceType): fc.Arbitrary<Json> =>
  fc.oneof(
    { weight: 4, arbitrary: resourceOf[name] },
    { weight: 4, arbitrary: withFault(resourceOf[name]) },
    { weight: 1, arbitrary: json },
  )

/** Ids that there are, or were; now and then something else. */
const idOf = (kind: PlaceKind): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 9, arbitrary: places(kind) },
    { weight: 1, arbitrary: hostile.map((text) => encodeURIComponent(text.toWellFormed())) },
  )

const matching = fc.oneof(
  { weight: 8, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('W/"1"', 'W/"2"', '*', '"x"', 'W/"99999999999"', 'W/"9999999999"', ','),
  },
)
const headersOf = (ifMatch: string | undefined) => (ifMatch === undefined ? {} : { 'if-match': ifMatch })

export const resourceAsks: fc.Arbitrary<Ask> = types.chain((type) => {
  const collection = `${SCIM}${type.endpoint}`
  const id = idOf(kinds[type.name])
  const created = bodiesOf(type).map((body) => ({
    method: 'POST',
    path: collection,
    body: JSON.stringify(body),
  }))
  const replaced = fc.tuple(id, bodiesOf(type), matching).map(([held, body, ifMatch]) => ({
    method: 'PUT',
    path: `${collection}/${held}`,
    body: JSON.stringify(body),
    headers: headersOf(ifMatch),
  }))
  const others = fc
    .tuple(id, fc.constantFrom('GET', 'GET', 'DELETE'), matching)
    .map(([held, method, ifMatch]) => ({
      method,
      path: `${collection}/${held}`,
      headers: headersOf(ifMatch),
    }))
  return fc.oneof(
    { weight: 3, arbitrary: created },
    { weight: 4, arbitrary: replaced },
    { weight: 1, arbitrary: others },
  )
})

const dotted = (path: readonly string[]): string => {
  const [first = '', ...rest] = path
  return first.includes(':') ? `${first}:${rest.join('.')}` : path.join('.')
}

/** `emails[type eq "work"].value`, of every attribute that has elements. */
function valuePaths(type: ResourceType): fc.Arbitrary<string> {
  const fields = fieldsOf(type).filter(
    ({ attribute }) => attribute.multiValued && attribute.type === 'complex',
  )
  return fc.oneof(
    ...fields.map((field) => {
      const subs = (field.attribute.subAttributes ?? []).map(({ name }) => `.${name}`)
      return fc
        .tuple(elementFilters(field, literals), fc.constantFrom('', ...subs))
        .map(([filter, sub]) => `${dotted(field.path)}[${printed(filter)}]${sub}`)
    }),
  )
}

const membersPath = fc
  .tuple(
    fc.constantFrom('value', 'display', 'type', '$ref'),
    fc.constantFrom('eq', 'ne', 'co', 'sw', 'ew', 'gt', 'le'),
    fc.oneof(places('user'), hostile),
  )
  .map(([name, operator, text]) => `members[${name} ${operator} ${JSON.stringify(text)}]`)

const goodPaths = (type: ResourceType): fc.Arbitrary<string> => {
  const plain = fc.constantFrom(
    ...sortableNames(type),
    type.schema.id,
    ...type.extensions.map(({ schema }) => schema.id),
  )
  return type.name === 'Group'
    ? fc.oneof(plain, membersPath, valuePaths(type))
    : fc.oneof(plain, valuePaths(type))
}

export const pathTexts = (type: ResourceType): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 5, arbitrary: goodPaths(type) },
    { weight: 5, arbitrary: nearly(goodPaths(type)) },
    { weight: 1, arbitrary: hostile },
  )

const values: fc.Arbitrary<Json> = fc.oneof(json, hostile, members, fc.boolean())

export const pathAsks: fc.Arbitrary<Ask> = types.chain((type) =>
  fc
    .record({
      id: places(kinds[type.name]),
      op: fc.constantFrom('add', 'replace', 'remove', 'Add'),
      path: pathTexts(type),
      value: values,
    })
    .map(({ id, op, path, value }) => ({
      method: 'PATCH',
      path: `${SCIM}${type.endpoint}/${id}`,
      body: JSON.stringify(patchBody({ op, path, ...(op === 'remove' ? {} : { value }) })),
    })),
)

const userOperations: fc.Arbitrary<Json> = fc.oneof(
  operations,
  addedValues.map((value): Json => ({ op: 'add', value })),
  addedValues.map((value): Json => ({ op: 'replace', path: addedUrn, value: value[addedUrn] ?? null })),
)

const groupOperations: fc.Arbitrary<Json> = fc.oneof(
  fc.record({
    op: fc.constantFrom('add', 'replace', 'remove'),
    path: fc.constant('members'),
    value: members,
  }),
  membersPath.map((path): Json => ({ op: 'remove', path })),
  uniqueName.map((displayName): Json => ({ op: 'replace', value: { displayName } })),
)

const patches = ({ name }: ResourceType): fc.Arbitrary<Json> => {
  const good = fc
    .array(name === 'Group' ? groupOperations : userOperations, { minLength: 1, maxLength: 5 })
    .map((list): Json => ({ ...patchBody(), Operations: list }))
  return fc.oneof(
    { weight: 3, arbitrary: good },
    { weight: 3, arbitrary: withFault(good) },
    { weight: 3, arbitrary: anyPatchBody },
  )
}

export const patchAsks: fc.Arbitrary<Ask> = types.chain((type) =>
  fc.tuple(idOf(kinds[type.name]), patches(type), matching).map(([id, body, ifMatch]) => ({
    method: 'PATCH',
    path: `${SCIM}${type.endpoint}/${id}`,
    body: JSON.stringify(body),
    headers: headersOf(ifMatch),
  })),
)

const bulkOperation: fc.Arbitrary<Json> = types.chain((type) => {
  const path = `${type.endpoint}/`
  const reference = fc.nat(4).map((i) => `bulkId:b${i}`)
  const target = fc.oneof(places(kinds[type.name]), reference)
  const withReferences = fc.array(
    reference.map((value): Json => ({ value })),
    { maxLength: 3 },
  )
  return fc.oneof(
    fc.tuple(fc.nat(4), resourceOf[type.name], withReferences).map(
      ([i, data, list]): Json => ({
        method: 'POST',
        path: type.endpoint,
        bulkId: `b${i}`,
        data: type.name === 'Group' ? { ...data, members: list } : data,
      }),
    ),
    fc.tuple(target, patches(type)).map(([id, data]): Json => ({ method: 'PATCH', path: path + id, data })),
    fc
      .tuple(target, resourceOf[type.name])
      .map(([id, data]): Json => ({ method: 'PUT', path: path + id, data })),
    target.map((id): Json => ({ method: 'DELETE', path: path + id })),
  )
})

export const bulks: fc.Arbitrary<Json> = fc
  .tuple(fc.array(bulkOperation, { minLength: 1, maxLength: 6 }), fc.option(fc.integer({ min: 0, max: 4 })))
  .map(
    ([list, failOnErrors]): Json => ({
      ...bulkBody([]),
      Operations: list,
      ...(failOnErrors === null ? {} : { failOnErrors }),
    }),
  )

export const bulkAsks: fc.Arbitrary<Ask> = fc
  .oneof({ weight: 3, arbitrary: bulks }, { weight: 4, arbitrary: withFault(bulks) })
  .map((body) => ({ method: 'POST', path: `${SCIM}/Bulk`, body: JSON.stringify(body) }))

// Bodies of the admin API as somebody would send them: the schemas let through much that rules then refuse, so that
// hardly anything made of them alone would be carried out.
import fc from 'fast-check'
import type { Json } from '../../../src/scim/resource.ts'
import { hostile, places } from './texts.ts'

const emails = fc.nat(60).map((i) => `u${i}@acme.test`)
const roles = fc.constantFrom('owner', 'admin', 'user')
const seatTypes = fc.constantFrom('premium', 'standard')

const mapping: fc.Arbitrary<Json> = fc.oneof(
  fc.record({ groupId: places('group'), role: roles }),
  fc.record({ groupId: places('group'), seatType: seatTypes }),
  fc.record({ groupName: fc.nat(4).map((i) => `team ${i}`), role: roles }),
)
const brake: fc.Arbitrary<Json> = fc.constantFrom<Json[]>(
  null,
  { maxRemovals: 1, withinMinutes: 60 },
  { maxRemovedPercent: 10, withinMinutes: 1 },
)

const settings: fc.Arbitrary<Json> = fc
  .record({
    mode: fc.constantFrom('scim', 'scim', 'jit', 'manual'),
    groupMappings: fc.boolean(),
    mappings: fc.array(mapping, { maxLength: 4 }),
    brake,
    isForced: fc.boolean(),
  })
  .map(
    ({ isForced, ...rest }): Json => ({
      ...rest,
      ...(isForced ? { acknowledge: ['no_top_role', 'many_removed'] } : {}),
    }),
  )

const attribute: fc.Arbitrary<Json> = fc.record({
  name: fc.constantFrom('badge', 'grade', 'desk', 'since', 'photo'),
  type: fc.constantFrom('string', 'integer', 'boolean', 'dateTime', 'reference', 'binary', 'decimal'),
  multiValued: fc.boolean(),
  caseExact: fc.boolean(),
  returned: fc.constantFrom('default', 'request', 'never', 'always'),
})

export const schemaDocuments: fc.Arbitrary<Json> = fc
  .tuple(
    fc.oneof(
      places('urn'),
      fc.nat(4).map((i) => `urn:example:s${i}:2.0:User`),
    ),
    fc.uniqueArray(attribute, { minLength: 1, maxLength: 3, selector: (each) => JSON.stringify(each) }),
  )
  .map(([id, attributes]): Json => ({ id, name: 'Hr', attributes }))

const released: fc.Arbitrary<Json> = fc.oneof(
  fc.constant<Json>({ all: true }),
  fc.array(places('member'), { minLength: 1, maxLength: 3 }).map((memberIds): Json => ({ memberIds })),
)

/** By method and path; the others are made of their schemas. */
export const plausible: Readonly<Record<string, fc.Arbitrary<Json>>> = {
  'put /v1/organizations/{id}/provisioning': settings,
  'post /v1/organizations/{id}/provisioning:preview': settings,
  'put /v1/organizations/{id}/seats': fc.constantFrom<Json[]>(
    { premium: 1, standard: 0 },
    { premium: null, standard: 4 },
    { premium: 0, standard: 20 },
  ),
  'post /v1/organizations/{id}/members': fc.oneof<fc.Arbitrary<Json>[]>(
    fc.record({ email: emails, role: roles }),
    fc.record({ userId: places('user'), seatType: seatTypes }),
  ),
  'patch /v1/organizations/{id}/members/{memberId}': fc.oneof<fc.Arbitrary<Json>[]>(
    fc.record({ role: roles }),
    fc.record({ seatType: seatTypes }),
  ),
  'put /v1/organizations/{id}/primary-owner': fc.record({
    memberId: fc.oneof(places('member'), fc.constant(null)),
  }),
  'post /v1/organizations/{id}/sign-ins': fc.oneof<fc.Arbitrary<Json>[]>(
    fc.record({ email: emails }),
    fc.record({ userName: emails, groups: fc.array(fc.oneof(places('group'), hostile), { maxLength: 3 }) }),
  ),
  'post /v1/organizations/{id}/held-removals:release': released,
  'post /v1/organizations/{id}/held-removals:discard': released,
  'post /v1/directories/{id}/schemas': schemaDocuments.map((schema): Json => ({ schema })),
  'put /v1/directories/{id}/schemas/{urn}': schemaDocuments.map((schema): Json => ({ schema })),
  'post /v1/webhook-endpoints': fc.oneof<fc.Arbitrary<Json>[]>(
    fc.record({ url: fc.constant('https://example.com/a'), parentOrganizationId: places('parent') }),
    fc.record({ url: fc.constant('https://example.com/b'), organizationId: places('org') }),
    fc.record({ url: fc.constant('https://example.com/c'), description: hostile }),
  ),
  'patch /v1/webhook-endpoints/{id}': fc.record({ enabled: fc.boolean(), description: hostile }),
  'post /v1/admin-tokens': fc.oneof<fc.Arbitrary<Json>[]>(
    fc.record({
      name: hostile,
      scope: fc.constant('organization'),
      organizationId: places('org'),
      access: fc.constantFrom('read_only', 'read_write', 'sign_in'),
    }),
    fc.record({
      name: hostile,
      scope: fc.constant('all'),
      access: fc.constantFrom('read_only', 'read_write'),
    }),
  ),
}

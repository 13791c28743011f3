// Attribute names on schemas, without case (RFC 7643 sections 2.1 and 10, RFC 7644 section 3.10), and the schemas'
// own consistency (RFC 7643 sections 4, 7 and 8.7).
import { describe, expect, test } from 'vitest'
import { builtInTypes, schemasOf } from '../../src/scim/resource-types.ts'
import {
  type Attribute,
  coreAttributes,
  findAttribute,
  findExtension,
  findTarget,
} from '../../src/scim/schema.ts'
import { groupType } from '../../src/scim/schemas/group.ts'
import { userType } from '../../src/scim/schemas/user.ts'
import { enterpriseUrn, userUrn } from '../support/protocol.ts'

const schemas = schemasOf(builtInTypes)

function nameOf(text: string): string | null {
  const target = findTarget(userType, text)
  if (target === null) return null
  const { extension, attribute, sub } = target
  return [extension?.name, attribute.name, sub?.name].filter((part) => part !== undefined).join('/')
}

describe('RFC 7644 3.10 names', () => {
  test.each([
    ['userName', 'userName'],
    ['USERNAME', 'userName'],
    ['name.GivenName', 'name/givenName'],
    ['emails.$ref', null],
    [`${userUrn}:userName`, 'userName'],
    [`${userUrn.toUpperCase()}:Name.familyName`, 'name/familyName'],
    [`${enterpriseUrn}:department`, 'EnterpriseUser/department'],
    [`${enterpriseUrn}.department`, 'EnterpriseUser/department'],
    [`${enterpriseUrn}:manager.$REF`, 'EnterpriseUser/manager/$ref'],
    [`${enterpriseUrn}:userName`, null],
    [`${enterpriseUrn}x:department`, null],
    [enterpriseUrn, null],
    ['department', null],
    ['manager', null],
    ['name.givenName.x', null],
    ['name.', null],
    ['.name', null],
    ['', null],
    ['urn:x:Other:userName', null],
    ['constructor', null],
    ['__proto__', null],
  ])('%s', (text, name) => expect(nameOf(text)).toBe(name))

  test('extensions by URN, in any case', () => {
    expect(findExtension(userType, enterpriseUrn.toUpperCase())?.id).toBe(enterpriseUrn)
    expect(findExtension(userType, userUrn)).toBeNull()
    expect(findExtension(groupType, enterpriseUrn)).toBeNull()
  })
})

describe('RFC 7643 4 and 8.7.1 no attribute of the schemas is missing', () => {
  test.each([
    [
      0,
      `userName name displayName nickName profileUrl title userType preferredLanguage locale timezone active
      password emails phoneNumbers ims photos addresses groups entitlements roles x509Certificates`,
    ],
    [1, 'displayName members'],
    [2, 'employeeNumber costCenter organization division department manager'],
  ])('schema %i', (at, names) => {
    expect(schemas[at]?.attributes.map(({ name }) => name)).toEqual(names.split(/\s+/))
  })

  test.each([
    ['name', 'formatted familyName givenName middleName honorificPrefix honorificSuffix'],
    ['emails', 'value display type primary'],
    ['addresses', 'formatted streetAddress locality region postalCode country type primary'],
    ['groups', 'value $ref display type'],
    ['x509Certificates', 'value display type primary'],
  ])('%s', (name, subs) => {
    const attribute = findAttribute(userType.schema.attributes, name)
    expect(attribute?.subAttributes?.map((sub) => sub.name)).toEqual(subs.split(' '))
  })
})

describe('RFC 7643 7 every attribute is consistent', () => {
  const all = Object.values(builtInTypes).flatMap((type) => [
    ...coreAttributes(type),
    ...type.extensions.flatMap(({ schema }) => schema.attributes),
  ])
  const withSubs = all.flatMap((attribute): [string, Attribute, Attribute | null][] => [
    [attribute.name, attribute, null],
    ...(attribute.subAttributes ?? []).map((sub): [string, Attribute, Attribute] => [
      `${attribute.name}.${sub.name}`,
      sub,
      attribute,
    ]),
  ])

  test.each(withSubs)('%s', (_name, attribute, parent) => {
    expect(attribute.description).not.toBe('')
    expect(attribute.subAttributes === undefined).toBe(attribute.type !== 'complex')
    expect(attribute.referenceTypes === undefined).toBe(attribute.type !== 'reference')
    if (parent !== null) expect(attribute.type).not.toBe('complex')
    if (parent?.mutability === 'readOnly') expect(attribute.mutability).toBe('readOnly')
    if (attribute.mutability === 'writeOnly') expect(attribute.returned).toBe('never')
    if (attribute.type === 'reference' || attribute.type === 'binary') expect(attribute.caseExact).toBe(true)
  })

  test('scim.md 1 case: userName, displayName and e-mail values without, id, externalId and meta.version with', () => {
    const exact = (name: string) => {
      const target = findTarget(userType, name)
      return target?.sub?.caseExact ?? target?.attribute.caseExact
    }
    for (const name of ['userName', 'displayName', 'emails.value']) expect(exact(name)).toBe(false)
    for (const name of ['id', 'externalId', 'meta.version']) expect(exact(name)).toBe(true)
  })

  test('scim.md 1 type of e-mails, phones and addresses has canonicalValues with work', () => {
    for (const name of ['emails.type', 'phoneNumbers.type', 'addresses.type']) {
      expect(findTarget(userType, name)?.sub?.canonicalValues).toContain('work')
    }
  })
})

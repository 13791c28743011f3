// Which attributes an answer holds (RFC 7644 section 3.9, RFC 7643 section 2.2 "returned").
import { describe, expect, test } from 'vitest'
import { isReturned, minimal, parseProjection, projector } from '../../src/scim/project.ts'
import type { JsonObject } from '../../src/scim/resource.ts'
import type { ResourceType } from '../../src/scim/schema.ts'
import { groupType } from '../../src/scim/schemas/group.ts'
import { userType } from '../../src/scim/schemas/user.ts'
import { enterpriseUrn, frozen, refusal, userUrn } from '../support/protocol.ts'

const user: JsonObject = frozen({
  meta: { resourceType: 'User', version: 'W/"1"' },
  schemas: [userUrn, enterpriseUrn],
  id: '1',
  userName: 'anna',
  name: { givenName: 'Anna', familyName: 'Alm' },
  emails: [{ value: 'a@x', type: 'work' }, { display: 'B' }],
  [enterpriseUrn]: { department: 'D', manager: { value: 'm', displayName: 'M' } },
})
const always = { schemas: user.schemas, id: '1' }

const shown = (attributes?: string, excluded?: string, type: ResourceType = userType) =>
  projector(type, parseProjection(attributes, excluded, type))(user, {})

describe('RFC 7644 3.9 attributes: what is named, and what is always returned', () => {
  test.each<[string, JsonObject]>([
    ['userName', { userName: 'anna' }],
    ['USERNAME, Name ', { userName: 'anna', name: user.name ?? null }],
    ['name.givenName', { name: { givenName: 'Anna' } }],
    ['name,name.givenName', { name: user.name ?? null }],
    ['emails.value', { emails: [{ value: 'a@x' }] }],
    ['emails.value,emails.display', { emails: [{ value: 'a@x' }, { display: 'B' }] }],
    [`${userUrn}:userName`, { userName: 'anna' }],
    [enterpriseUrn, { [enterpriseUrn]: user[enterpriseUrn] ?? null }],
    [`${enterpriseUrn}:department`, { [enterpriseUrn]: { department: 'D' } }],
    [`${enterpriseUrn.toUpperCase()}:manager.value`, { [enterpriseUrn]: { manager: { value: 'm' } } }],
    ['meta.version', { meta: { version: 'W/"1"' } }],
    ['id', {}],
    ['password', {}],
    ['shoe', {}],
    ['department', {}],
    [',', {}],
  ])('%s', (names, expected) => expect(shown(names)).toEqual({ ...always, ...expected }))

  test('nothing asked for is what is always returned', () => {
    expect(projector(userType, minimal)(user, {})).toEqual(always)
  })
})

describe('RFC 7644 3.9 excludedAttributes: all but what is named', () => {
  const { name, emails, meta, userName, [enterpriseUrn]: extension, ...rest } = user
  test.each<[string, JsonObject]>([
    [
      'name',
      {
        ...rest,
        userName: 'anna',
        emails: emails ?? null,
        meta: meta ?? null,
        [enterpriseUrn]: extension ?? null,
      },
    ],
    [`name,EMAILS,meta,${enterpriseUrn}`, { ...rest, userName: 'anna' }],
    ['id,schemas,shoe', user],
    [
      `emails.value,meta,name,${enterpriseUrn}:department`,
      {
        ...rest,
        userName: 'anna',
        emails: [{ type: 'work' }, { display: 'B' }],
        [enterpriseUrn]: { manager: { value: 'm', displayName: 'M' } },
      },
    ],
    [`${enterpriseUrn}:manager,${enterpriseUrn}:department,name,meta,emails,userName`, rest],
  ])('%s', (names, expected) => expect(shown(undefined, names)).toEqual(expected))
})

describe('RFC 7644 3.9 the two together, and neither', () => {
  test('together they are refused', () => {
    expect(refusal(() => parseProjection('userName', 'name', userType))).toBe(
      '400 invalidValue: attributes and excludedAttributes cannot be used together.',
    )
  })

  test('neither: everything but what is never returned, meta last', () => {
    expect(shown()).toEqual(user)
    expect(Object.keys(shown()).at(-1)).toBe('meta')
    expect(
      projector(userType, parseProjection(undefined, '', userType))({ ...user, password: 'secret' }, {}),
    ).toEqual(user)
  })

  test.each([
    [undefined, undefined, true],
    [undefined, 'members', false],
    [undefined, 'MEMBERS', false],
    [undefined, 'members.display', true],
    [undefined, 'displayName', true],
    ['displayName', undefined, false],
    ['members', undefined, true],
    ['members.value', undefined, true],
  ])('attributes %s, excludedAttributes %s: members need be read: %s', (attributes, excluded, isRead) => {
    expect(isReturned(parseProjection(attributes, excluded, groupType), groupType, 'members')).toBe(isRead)
  })
})

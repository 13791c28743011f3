// Whole bodies against a resource type (RFC 7643 sections 2 and 3, RFC 7644 sections 3.3 and 3.5.1).
import { describe, expect, test } from 'vitest'
import type { ResourceType } from '../../src/scim/schema.ts'
import { groupType } from '../../src/scim/schemas/group.ts'
import { userType } from '../../src/scim/schemas/user.ts'
import { parseResource } from '../../src/scim/validate.ts'
import {
  enterpriseUrn,
  frozen,
  groupUrn,
  refusal,
  remembering,
  userOf,
  userUrn,
} from '../support/protocol.ts'

const refused = (body: unknown, type: ResourceType = userType) =>
  refusal(() => parseResource(frozen(body), type, () => {}))

/** What a body made us tolerate. */
function seenIn(body: unknown): string[] {
  const { note, seen } = remembering()
  userOf(body, note)
  return seen
}

describe('RFC 7644 3.3 create', () => {
  test('schemas says what is in use, active is on, names are canonical', () => {
    expect(userOf({ schemas: [userUrn], USERNAME: 'anna', Name: { familyname: 'Alm' } })).toEqual({
      schemas: [userUrn],
      userName: 'anna',
      active: true,
      name: { familyName: 'Alm' },
    })
  })

  test('readOnly and writeOnly input is not kept: id, meta, groups, password', () => {
    const body = {
      schemas: [userUrn],
      userName: 'anna',
      id: 'mine',
      meta: { created: 'never' },
      groups: [{ value: 'g' }],
      password: 'secret',
    }
    expect(Object.keys(userOf(body)).sort()).toEqual(['active', 'schemas', 'userName'])
  })

  test('a password of a wrong type is refused although it is not kept', () => {
    expect(refused({ schemas: [userUrn], userName: 'anna', password: 5 })).toBe(
      '400 invalidValue: password takes a string.',
    )
  })

  test('extension data adds its URN to schemas, an extension without data does not', () => {
    const withData = userOf({ schemas: [userUrn], userName: 'a', [enterpriseUrn]: { DEPARTMENT: 'R&D' } })
    expect(withData.schemas).toEqual([userUrn, enterpriseUrn])
    expect(withData[enterpriseUrn]).toEqual({ department: 'R&D' })
    const declared = { schemas: [userUrn, enterpriseUrn], userName: 'a' }
    for (const empty of [undefined, null, {}, [], { department: null }, { department: '' }]) {
      const user = userOf(empty === undefined ? declared : { ...declared, [enterpriseUrn]: empty })
      expect(user).toEqual({ schemas: [userUrn], userName: 'a', active: true })
    }
  })

  test('URNs compare without case', () => {
    const user = userOf({
      schemas: [userUrn.toUpperCase()],
      userName: 'a',
      [enterpriseUrn.toUpperCase()]: { division: 'D' },
    })
    expect(user).toMatchObject({ schemas: [userUrn, enterpriseUrn], [enterpriseUrn]: { division: 'D' } })
  })

  test.each([undefined, null, [], 'x', 5, true])('a body of %j is refused', (body) => {
    expect(refused(body)).toBe('400 invalidSyntax: The body must be a JSON object.')
  })

  test.each([
    [{}, 'invalidValue: userName is required.'],
    [{ userName: '' }, 'invalidValue: userName is required.'],
    [{ userName: null }, 'invalidValue: userName is required.'],
    [{ schemas: 5, userName: 'a' }, 'invalidSyntax: schemas takes a list of URNs.'],
    [{ schemas: [5], userName: 'a' }, 'invalidSyntax: schemas takes a list of URNs.'],
    [{ schemas: [groupUrn], userName: 'a' }, `invalidSyntax: schemas must contain ${userUrn}.`],
    [
      { userName: 'a', [enterpriseUrn]: 'x' },
      `invalidValue: ${enterpriseUrn} takes an object with the attributes of the extension.`,
    ],
    [
      { userName: 'a', [enterpriseUrn]: { department: 5 } },
      `invalidValue: ${enterpriseUrn}:department takes a string.`,
    ],
  ])('%j is refused', (body, error) => expect(refused(body)).toBe(`400 ${error}`))

  test('a group needs its displayName', () => {
    expect(refused({ schemas: [groupUrn] }, groupType)).toBe('400 invalidValue: displayName is required.')
  })
})

describe('scim.md 5.7 what is ignored is counted', () => {
  test.each<[string, unknown, string[]]>([
    ['a body without schemas', { userName: 'a' }, [`missingSchemas ${userUrn}`]],
    [
      'an unknown URN without data',
      { schemas: [userUrn, 'urn:x:Other'], userName: 'a' },
      ['unknownSchema urn:x:other'],
    ],
    [
      'an unknown URN with data',
      { schemas: [userUrn], userName: 'a', 'urn:x:Other': { a: 1 } },
      ['unknownAttribute urn:x:Other'],
    ],
    ['an unknown attribute', { schemas: [userUrn], userName: 'a', shoe: 43 }, ['unknownAttribute shoe']],
    [
      'an unknown attribute of the extension',
      { schemas: [userUrn, enterpriseUrn], userName: 'a', [enterpriseUrn]: { shoe: 43 } },
      [`unknownAttribute ${enterpriseUrn}:shoe`],
    ],
    [
      'extension data that schemas does not announce',
      { schemas: [userUrn], userName: 'a', [enterpriseUrn]: { department: 'D' } },
      [`undeclaredExtension ${enterpriseUrn}`],
    ],
    [
      'a name that cannot be stored',
      { schemas: [userUrn], userName: 'a', '\ud800': 1 },
      ['unknownAttribute (unprintable)'],
    ],
    ['nothing', { schemas: [userUrn], userName: 'a' }, []],
  ])('%s', (_what, body, seen) => expect(seenIn(body)).toEqual(seen))
})

describe('scim.md 5.5 keys that are qualified or dotted name what they name in a PATCH', () => {
  const read = (body: object) => {
    const { note, seen } = remembering()
    const { schemas, active, ...attributes } = parseResource(
      { userName: 'a', schemas: [userUrn], ...body },
      userType,
      note,
    )
    return { attributes, seen }
  }

  test.each<[object, object, string[]]>([
    [{ 'name.givenName': 'G' }, { name: { givenName: 'G' } }, ['qualifiedKey name.givenName']],
    [
      { 'name.GivenName': 'G', name: { familyName: 'F' } },
      { name: { familyName: 'F', givenName: 'G' } },
      ['qualifiedKey name.GivenName'],
    ],
    [{ [`${userUrn}:title`]: 'T' }, { title: 'T' }, [`qualifiedKey ${userUrn}:title`]],
    [
      { [`${enterpriseUrn}:department`]: 'D', [enterpriseUrn]: { division: 'V' } },
      { [enterpriseUrn]: { division: 'V', department: 'D' } },
      [`undeclaredExtension ${enterpriseUrn}`, `qualifiedKey ${enterpriseUrn}:department`],
    ],
    [
      { [`${enterpriseUrn}:manager.value`]: 'm' },
      { [enterpriseUrn]: { manager: { value: 'm' } } },
      [`qualifiedKey ${enterpriseUrn}:manager.value`],
    ],
    [{ 'meta.created': 'x' }, {}, ['qualifiedKey meta.created']],
    [{ 'emails.value': 'x' }, {}, ['unknownAttribute emails.value']],
    [{ 'name.shoe': 43 }, {}, ['unknownAttribute name.shoe']],
  ])('%j', (body, attributes, seen) => {
    expect(read(body)).toEqual({ attributes: { userName: 'a', ...attributes }, seen })
  })

  test('a value that does not fit is refused by its key', () => {
    expect(refused({ userName: 'a', 'name.givenName': 5 })).toBe(
      '400 invalidValue: name.givenName takes a string.',
    )
  })
})

describe('RFC 7644 3.5.1 replace', () => {
  const current = userOf({
    schemas: [userUrn],
    userName: 'anna',
    title: 'Boss',
    active: false,
    [enterpriseUrn]: { department: 'R&D' },
  })
  const replaced = (body: unknown) => parseResource(frozen(body), userType, () => {}, current)

  test('what is omitted is gone, null and [] are the same', () => {
    const bare = { schemas: [userUrn], userName: 'anna', active: false }
    expect(replaced(bare)).toEqual(bare)
    expect(replaced({ ...bare, title: null, emails: [], name: {}, [enterpriseUrn]: null })).toEqual(bare)
  })

  test.each([undefined, null, '', []])('active %j switches nobody on or off', (active) => {
    const body = { schemas: [userUrn], userName: 'anna' }
    expect(replaced(active === undefined ? body : { ...body, active })).toMatchObject({ active: false })
  })

  test('our own representation comes back as itself', () => {
    const own = { ...current, id: 'x', meta: { resourceType: 'User', version: 'W/"1"' }, groups: [] }
    expect(replaced(own)).toEqual(current)
  })
})

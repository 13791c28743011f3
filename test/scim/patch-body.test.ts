// The body of a PATCH: its shape, and what each fault is called (RFC 7644 sections 3.5.2 and 3.12).
import { describe, expect, test } from 'vitest'
import { maxOperations, parsePatch } from '../../src/scim/patch-body.ts'
import { userType } from '../../src/scim/schemas/user.ts'
import {
  enterpriseUrn,
  frozen,
  patchBody,
  patchOpUrn,
  refusal,
  remembering,
  silent,
  userUrn,
} from '../support/protocol.ts'

const refused = (body: unknown) => refusal(() => parsePatch(frozen(body), userType, silent))

/** The operations as `kind path value`, and what was tolerated. */
function read(body: unknown): { operations: string[]; seen: string[] } {
  const { note, seen } = remembering()
  const operations = parsePatch(frozen(body), userType, note).map(({ kind, path, value }) => {
    const { extension, attribute, sub, filter } = path
    const name = [attribute.name, ...(sub === null ? [] : [sub.name])].join('.')
    const where = `${extension === null ? '' : `${extension.name}:`}${name}${filter === null ? '' : '[…]'}`
    return `${kind} ${where}${value === undefined ? '' : ` ${JSON.stringify(value)}`}`
  })
  return { operations, seen }
}

const op = { op: 'replace', path: 'title', value: 'x' }

describe('RFC 7644 3.5.2 the shape of the body', () => {
  test.each([undefined, null, [], 'x', 5])('%j is no body', (body) => {
    expect(refused(body)).toBe('400 invalidSyntax: The body must be a JSON object.')
  })

  test.each([
    [{ schemas: [patchOpUrn] }],
    [{ schemas: [patchOpUrn], Operations: [] }],
    [{ schemas: [patchOpUrn], Operations: {} }],
    [{ schemas: [patchOpUrn], Operations: null }],
    [{}],
  ])('%j has no operations', (body) => {
    expect(refused(body)).toBe('400 invalidSyntax: Operations must be a list with at least one operation.')
  })

  test.each([['urn:x'], patchOpUrn, 5, { a: 1 }].map((schemas) => [schemas]))(
    'schemas %j is refused',
    (schemas) => {
      expect(refused({ schemas, Operations: [op] })).toBe(
        `400 invalidSyntax: schemas must contain ${patchOpUrn}.`,
      )
    },
  )

  test('scim.md 5.7 schemas may be missing, in another case, and Operations in another case', () => {
    const operations = ['replace title "x"']
    expect(read({ Operations: [op] })).toEqual({ operations, seen: [`missingSchemas ${patchOpUrn}`] })
    expect(read({ schemas: [patchOpUrn.toUpperCase()], Operations: [op] })).toEqual({ operations, seen: [] })
    expect(read({ schemas: [patchOpUrn], operations: [op] })).toEqual({
      operations,
      seen: ['operationsCase Operations'],
    })
  })

  test(`${maxOperations.User} operations are read, one more is 413`, () => {
    const many = Array.from({ length: maxOperations.User }, () => op)
    expect(read(patchBody(...many)).operations).toHaveLength(maxOperations.User)
    expect(refused(patchBody(...many, op))).toBe('413 null: A PATCH of a User takes at most 1000 Operations.')
  })
})

describe('RFC 7644 3.5.2 each operation', () => {
  test.each<[unknown, string]>([
    [null, 'invalidSyntax: Operations[0] must be an object.'],
    ['remove', 'invalidSyntax: Operations[0] must be an object.'],
    [[op], 'invalidSyntax: Operations[0] must be an object.'],
    [{}, 'invalidSyntax: Operations[0].op must be add, remove or replace.'],
    [{ ...op, op: 'move' }, 'invalidSyntax: Operations[0].op must be add, remove or replace.'],
    [{ ...op, op: 5 }, 'invalidSyntax: Operations[0].op must be add, remove or replace.'],
    [{ ...op, op: null }, 'invalidSyntax: Operations[0].op must be add, remove or replace.'],
    [{ ...op, path: 5 }, 'invalidSyntax: Operations[0].path must be a string.'],
    [{ ...op, path: ['title'] }, 'invalidSyntax: Operations[0].path must be a string.'],
    [{ op: 'remove' }, 'noTarget: Operations[0]: a remove needs a path.'],
    [{ op: 'remove', path: null }, 'noTarget: Operations[0]: a remove needs a path.'],
    [{ op: 'Remove', path: '', value: { title: 'x' } }, 'noTarget: Operations[0]: a remove needs a path.'],
    [{ op: 'add', path: 'title' }, 'invalidValue: Operations[0].value is missing.'],
    [{ op: 'replace', path: 'title' }, 'invalidValue: Operations[0].value is missing.'],
    [{ op: 'add' }, 'invalidValue: Operations[0]: without a path, value must be an object of attributes.'],
    [
      { op: 'replace', value: ['x'] },
      'invalidValue: Operations[0]: without a path, value must be an object of attributes.',
    ],
    [
      { op: 'replace', value: '["title"]' },
      'invalidValue: Operations[0]: without a path, value must be an object of attributes.',
    ],
    [{ ...op, path: 'shoe' }, 'invalidPath: User has no attribute "shoe".'],
    [{ ...op, path: 'title\u0000' }, 'invalidPath: User has no attribute "title\\u0000".'],
    [{ ...op, path: '\ud800' }, 'invalidPath: User has no attribute "\\ud800".'],
    [{ ...op, path: 'emails[shoe eq "x"].value' }, 'invalidFilter: emails has no sub-attribute "shoe".'],
    [{ ...op, path: 'emails[type is "x"].value' }, 'invalidFilter: '],
    [
      { op: 'add', value: { [enterpriseUrn]: 5 } },
      `invalidValue: Operations[0]: ${enterpriseUrn} takes an object with its attributes.`,
    ],
  ])('%j', (operation, error) => expect(refused(patchBody(operation))).toContain(`400 ${error}`))

  test('the fault names the operation', () => {
    expect(refused(patchBody(op, op, { ...op, op: 'x' }))).toContain('Operations[2].op')
  })

  test.each<[unknown, string[]]>([
    [op, ['replace title "x"']],
    [{ op: 'remove', path: 'NAME.givenname' }, ['remove name.givenName']],
    [{ op: 'remove', path: 'emails', value: [] }, ['remove emails []']],
    [{ op: 'add', path: 'emails[type eq "work"].value', value: 'x' }, ['add emails.value[…] "x"']],
    [{ op: 'add', value: { TITLE: 'x', active: null } }, ['add title "x"', 'add active null']],
    [{ op: 'add', path: enterpriseUrn, value: { division: 'x' } }, ['add EnterpriseUser:division "x"']],
    [
      { op: 'remove', path: enterpriseUrn },
      ['employeeNumber', 'costCenter', 'organization', 'division', 'department', 'manager'].map(
        (name) => `remove EnterpriseUser:${name}`,
      ),
    ],
  ])('%j is read', (operation, operations) =>
    expect(read(patchBody(operation))).toEqual({ operations, seen: [] }),
  )
})

test('scim.md 5 Keycloak: a value without path as JSON inside a string', () => {
  const attributes = { schemas: [userUrn], title: 'x', externalId: 'k' }
  expect(read(patchBody({ op: 'replace', value: JSON.stringify(attributes) }))).toEqual({
    operations: [`replace schemas ["${userUrn}"]`, 'replace title "x"', 'replace externalId "k"'],
    seen: ['objectAsText value'],
  })
})

test('RFC 7643 2.1 names in an operation compare without case', () => {
  const body = { Operations: [{ OP: 'replace', Path: 'title', VALUE: 'Countess' }] }
  const [operation] = parsePatch(body, userType, () => {})
  expect(operation).toMatchObject({
    kind: 'replace',
    path: { attribute: { name: 'title' } },
    value: 'Countess',
  })
})

// Operations on members → steps on rows (RFC 7644 section 3.5.2, scim.md sections 1, 3, 4 and 5.1).
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { foldElement } from '../../src/scim/fold.ts'
import { matches } from '../../src/scim/match.ts'
import { type MembershipStep, parseMembers, parseMembershipPatch } from '../../src/scim/membership-patch.ts'
import { maxOperations, parsePatch } from '../../src/scim/patch-body.ts'
import type { Json } from '../../src/scim/resource.ts'
import { type Attribute, findAttribute } from '../../src/scim/schema.ts'
import { groupSchema, groupType } from '../../src/scim/schemas/group.ts'
import type { Note } from '../../src/scim/tolerance.ts'
import { frozen, patchBody, refusal, remembering, silent } from '../support/protocol.ts'

function stepsOf(operations: readonly unknown[], note: Note = silent): MembershipStep[] {
  return parseMembershipPatch(parsePatch(frozen(patchBody(...operations)), groupType, note), note)
}

/** The steps of one operation, and what it made us tolerate. */
function read(op: string, path: string | null, value?: Json) {
  const { note, seen } = remembering()
  const operation = { op, ...(path === null ? {} : { path }), ...(value === undefined ? {} : { value }) }
  return { steps: stepsOf([operation], note), seen }
}

const step = (kind: 'add' | 'remove' | 'replace', ...ids: string[]) => [{ kind, ids }]

describe('RFC 7644 3.5.2 operations of one kind in a row are one step', () => {
  const add = (id: string) => ({ op: 'add', path: 'members', value: [{ value: id }] })
  const remove = (id: string) => ({ op: 'remove', path: `members[value eq "${id}"]` })

  test('and no others are', () => {
    expect(stepsOf([add('a'), add('b'), add('a'), remove('a'), remove('c'), add('c')])).toEqual([
      { kind: 'add', ids: ['a', 'b'] },
      { kind: 'remove', ids: ['a', 'c'] },
      { kind: 'add', ids: ['c'] },
    ])
    const replace = { op: 'replace', path: 'members', value: [{ value: 'a' }] }
    expect(stepsOf([replace, replace])).toHaveLength(2)
  })

  test('scim.md 4 a client that names ten thousand members one by one', () => {
    const ids = Array.from({ length: maxOperations.Group }, (_, i) => `m${i}`)
    expect(stepsOf(ids.map(add))).toEqual([{ kind: 'add', ids }])
    expect(refusal(() => stepsOf([...ids, 'one more'].map(add)))).toMatch(/^413 null: /)
  })
})

describe('RFC 7644 3.5.2 members: each operation is steps on rows', () => {
  test.each<[string, string | null, Json | undefined, MembershipStep[], string[]]>([
    ['add', 'members', [{ value: 'a' }, { value: 'b', display: 'B' }], step('add', 'a', 'b'), []],
    ['add', 'members', [{ value: 'a' }, { value: 'a' }], step('add', 'a'), []],
    ['add', 'members', { VALUE: 'a' }, step('add', 'a'), ['singleForList members']],
    ['add', 'members', ['a'], step('add', 'a'), ['bareMember members']],
    ['add', 'members', 'a', step('add', 'a'), ['singleForList members', 'bareMember members']],
    ['add', 'MEMBERS', [], step('add'), []],
    ['add', null, { members: [{ value: 'a' }] }, step('add', 'a'), []],
    ['replace', 'members', [{ value: 'a', $ref: null, type: 'User' }], step('replace', 'a'), []],
    ['replace', 'members', [], step('replace'), []],
    ['replace', 'members', null, step('replace'), []],
    ['replace', null, { members: [{ value: 'a' }] }, step('replace', 'a'), []],
    ['add', 'members[value eq "a"]', { display: 'A' }, step('add', 'a'), ['elementMade members']],
    ['replace', 'members[value eq "a"]', [{ value: 'a' }], step('add', 'a'), ['elementMade members']],
    ['remove', 'members', undefined, step('replace'), []],
    ['remove', 'members', null, step('replace'), []],
    ['remove', 'members', [], step('remove'), ['removeByValue members']],
    ['remove', 'members', [{ $ref: null, value: 'a' }], step('remove', 'a'), ['removeByValue members']],
    ['remove', 'members[value eq "a"]', undefined, step('remove', 'a'), []],
    ['remove', 'members[value eq "a" or value eq "b"]', undefined, step('remove', 'a', 'b'), []],
  ])('%s path %s, value %j', (op, path, value, steps, seen) =>
    expect(read(op, path, value)).toEqual({ steps, seen }),
  )

  test.each([
    'members[type eq "User"]',
    'members[value eq "a" and type eq "User"]',
    'members[not (value eq "a")]',
  ])('remove %s is left to a search', (path) =>
    expect(read('remove', path).steps.map(({ kind }) => kind)).toEqual(['removeMatching']),
  )

  test.each<[string, string, Json | undefined, string]>([
    [
      'add',
      'members',
      [{ display: 'x' }],
      'invalidValue: members[0].value must be the id of a user or group.',
    ],
    [
      'add',
      'members',
      [{ value: 'a' }, { value: 5 }],
      'invalidValue: members[1].value must be the id of a user or group.',
    ],
    [
      'replace',
      'members',
      [{ value: '' }],
      'invalidValue: members[0].value must be the id of a user or group.',
    ],
    ['add', 'members', [null], 'invalidValue: members[0].value must be the id of a user or group.'],
    ['add', 'members', [['a']], 'invalidValue: members[0].value must be the id of a user or group.'],
    ['add', 'members', 5, 'invalidValue: members[0].value must be the id of a user or group.'],
    [
      'add',
      'members[value eq "a"]',
      { value: 'b' },
      'mutability: members.value is immutable: remove the member and add another.',
    ],
    [
      'add',
      'members[type eq "User"]',
      { value: 'b' },
      'noTarget: Only a path such as members[value eq "…"] names a member to add.',
    ],
    [
      'replace',
      'members[value eq "a"].value',
      'b',
      'mutability: members.value is immutable: remove the member and add another.',
    ],
    [
      'remove',
      'members.value',
      undefined,
      'mutability: members.value is immutable: remove the member and add another.',
    ],
    ['replace', 'members[value eq "a"].display', 'b', 'mutability: Operations[0]: display is readOnly.'],
  ])('%s path %s, value %j is refused', (op, path, value, error) =>
    expect(refusal(() => read(op, path, value))).toBe(`400 ${error}`),
  )

  test('a body gives each member once', () => {
    expect(parseMembers(undefined, silent)).toEqual([])
    expect(parseMembers([{ value: 'b' }, { value: 'a' }, { value: 'b' }], silent)).toEqual(['b', 'a'])
  })
})

const found = findAttribute(groupSchema.attributes, 'members')
if (found === null) throw new Error('groups have members')
const members: Attribute = found
const ids = ['a', 'b', 'c', 'd', 'e']
const typeOf = (id: string) => (id < 'd' ? 'User' : 'Group')

function fold(held: ReadonlySet<string>, next: MembershipStep): ReadonlySet<string> {
  switch (next.kind) {
    case 'add':
      return new Set([...held, ...next.ids])
    case 'replace':
      return new Set(next.ids)
    case 'remove':
      return new Set([...held].filter((id) => !next.ids.includes(id)))
    case 'removeMatching': {
      const isMatch = (id: string) =>
        matches(next.filter, foldElement({ value: id, type: typeOf(id) }, members))
      return new Set([...held].filter((id) => !isMatch(id)))
    }
  }
}

/** An operation, and what it must make of the members in the plainest words. */
type Case = { operation: Record<string, unknown>; model: (held: readonly string[]) => string[] }

const some = fc.subarray(ids)
const valuesOf = (chosen: readonly string[]) => chosen.map((value) => ({ value }))
const cases: fc.Arbitrary<Case> = fc.oneof(
  some.map(
    (chosen): Case => ({
      operation: { op: 'add', path: 'members', value: valuesOf(chosen) },
      model: (held) => [...held, ...chosen],
    }),
  ),
  some.map(
    (chosen): Case => ({
      operation: { op: 'replace', value: { members: valuesOf(chosen) } },
      model: () => chosen,
    }),
  ),
  some.map(
    (chosen): Case => ({
      operation: { op: 'remove', path: 'members', value: valuesOf(chosen) },
      model: (held) => held.filter((id) => !chosen.includes(id)),
    }),
  ),
  fc.constant<Case>({ operation: { op: 'remove', path: 'members' }, model: () => [] }),
  fc.constantFrom(...ids).map(
    (id): Case => ({
      operation: { op: 'remove', path: `members[value eq "${id}"]` },
      model: (held) => held.filter((other) => other !== id),
    }),
  ),
  fc.constantFrom('User', 'Group').map(
    (type): Case => ({
      operation: { op: 'remove', path: `members[type eq "${type.toUpperCase()}"]` },
      model: (held) => held.filter((id) => typeOf(id) !== type),
    }),
  ),
  fc.constantFrom(...ids).map(
    (id): Case => ({
      operation: { op: 'remove', path: `members[value gt "${id}" and type eq "user"]` },
      model: (held) => held.filter((other) => !(other > id && typeOf(other) === 'User')),
    }),
  ),
)

test('RFC 7644 3.5.2 steps carried out one after the other end where a plain reading of the operations ends', () => {
  fc.assert(
    fc.property(some, fc.array(cases, { minLength: 1, maxLength: 8 }), (start, list) => {
      const after = stepsOf(list.map(({ operation }) => operation)).reduce(fold, new Set(start))
      const expected = new Set(list.reduce((held: readonly string[], { model }) => model(held), start))
      expect([...after].sort()).toEqual([...expected].sort())
    }),
    { numRuns: 3000 },
  )
})

// Attributes of many values: when two elements are one, and how many of them a request may bring and go through.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { elementKey } from '../../src/scim/element-keys.ts'
import { foldText } from '../../src/scim/fold.ts'
import { MAX_VALUES_VISITED } from '../../src/scim/patch.ts'
import { isObject, isSame, type Json } from '../../src/scim/resource.ts'
import { type Attribute, coreAttributes, findAttribute, findSubAttribute } from '../../src/scim/schema.ts'
import { userType } from '../../src/scim/schemas/user.ts'
import { MAX_VALUES } from '../../src/scim/value.ts'
import { patched, refusal, userOf } from '../support/protocol.ts'

const attributeOf = (name: string): Attribute =>
  findAttribute(coreAttributes(userType), name) ?? expect.unreachable(name)

const isSameText = (attribute: Attribute | null, a: Json | undefined, b: Json | undefined): boolean =>
  attribute === null || typeof a !== 'string' || typeof b !== 'string'
    ? isSame(a, b)
    : foldText(a, attribute) === foldText(b, attribute)

/** RFC 7643 section 2.4 as it reads, one element against another. */
function areOne(attribute: Attribute, a: Json, b: Json): boolean {
  if (!isObject(a) || !isObject(b)) return isSameText(attribute, a, b)
  if (a.value === undefined || b.value === undefined) return isSame(a, b)
  return ['value', 'type'].every((name) => isSameText(findSubAttribute(attribute, name), a[name], b[name]))
}

test('RFC 7643 2.4 two elements have one key when they are one, and only then', () => {
  const text = fc.constantFrom('a', 'A', 'ß', 'ς', 'σ', 'é', 'e\u0301', '["a"]', '')
  const element = fc.oneof(
    text,
    fc.boolean(),
    fc.record({ value: text, type: text, primary: fc.boolean(), display: text }, { requiredKeys: [] }),
    fc.record({ street: text, type: text, primary: fc.boolean() }, { requiredKeys: [] }),
  )
  fc.assert(
    fc.property(
      fc.constantFrom('emails', 'addresses', 'x509Certificates', 'roles'),
      element,
      element,
      (name, a, b) => {
        const attribute = attributeOf(name)
        expect(elementKey(attribute, a) === elementKey(attribute, b)).toBe(areOne(attribute, a, b))
      },
    ),
    { numRuns: 3000 },
  )
})

const emails = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => ({ value: `a${from + i}@example.com`, type: 'work' }))

describe('the most values of an attribute', () => {
  const full = userOf({ userName: 'many', emails: emails(MAX_VALUES) })
  const tooMany = `400 invalidValue: emails takes at most ${MAX_VALUES} values.`

  test('in a body', () => {
    expect(refusal(() => userOf({ userName: 'more', emails: emails(MAX_VALUES + 1) }))).toBe(tooMany)
  })

  test('after an operation: what is there may stay and go, and nothing comes', () => {
    const one = { op: 'add', path: 'emails', value: emails(1, MAX_VALUES) }
    expect(refusal(() => patched(full, [one]))).toBe(tooMany)
    expect(patched(full, [{ ...one, value: emails(MAX_VALUES) }])).toBe(full)
    const made = { op: 'add', path: 'emails[value eq "new@example.com"].type', value: 'work' }
    expect(refusal(() => patched(full, [made]))).toBe(tooMany)
    const fewer = { op: 'remove', path: 'emails', value: emails(MAX_VALUES - 1) }
    expect(patched(full, [fewer, one])).toMatchObject({
      emails: [emails(1, MAX_VALUES - 1)[0], emails(1, MAX_VALUES)[0]],
    })
  })

  test('that operations go through', () => {
    const operations = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ op: 'replace', path: 'emails.display', value: `d${i}` }))
    const most = MAX_VALUES_VISITED / MAX_VALUES
    expect(patched(full, operations(most))).not.toBe(full)
    expect(refusal(() => patched(full, operations(most + 1)))).toMatch(/^413 .*100000 values/)
  })
})

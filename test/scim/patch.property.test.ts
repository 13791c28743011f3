// Laws of PATCH that hold for every user and every operation (RFC 7644 section 3.5.2).
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ScimError } from '../../src/scim/errors.ts'
import { applyPatch } from '../../src/scim/patch.ts'
import { parsePatch } from '../../src/scim/patch-body.ts'
import { type Attributes, isSame } from '../../src/scim/resource.ts'
import { groupType } from '../../src/scim/schemas/group.ts'
import { userType } from '../../src/scim/schemas/user.ts'
import { parseResource } from '../../src/scim/validate.ts'
import { frozen, patched, silent } from '../support/protocol.ts'
import { anyPatchBody, json, operations, operationsOf, primaries, users } from '../support/scim-bodies.ts'

const runs = { numRuns: 5000 }

/** What the work gives, or null where it throws a ScimError; anything else that it throws fails the test. */
function orRefused<T>(work: () => T): T | null {
  try {
    return work()
  } catch (error) {
    if (error instanceof ScimError) return null
    throw error
  }
}

const several = fc.array(operations, { minLength: 1, maxLength: 6 })
const oneByOne = (user: Attributes, list: readonly unknown[]) =>
  list.reduce((held: Attributes, operation) => frozen(patched(held, [operation])), user)

describe('RFC 7644 3.5.2 for every user and any operations', () => {
  test('the result is canonical: put as a whole it comes out as itself, with at most one primary', () => {
    fc.assert(
      fc.property(users, several, (user, list) => {
        const after = orRefused(() => patched(user, list))
        if (after === null) return
        expect(parseResource(frozen(after), userType, silent, user)).toEqual(after)
        for (const value of Object.values(after)) expect(primaries(value)).toBeLessThan(2)
        expect(after === user).toBe(isSame(after, user))
      }),
      runs,
    )
  })

  test('any JSON is either carried out or refused with a ScimError, and no input is changed', () => {
    fc.assert(
      fc.property(users, anyPatchBody, (user, body) => {
        const before = JSON.stringify([user, body])
        const after = orRefused(() =>
          applyPatch(user, parsePatch(frozen(body), userType, silent), userType, silent),
        )
        expect(JSON.stringify([user, body])).toBe(before)
        if (after === null) return
        expect(parseResource(frozen(after), userType, silent, user)).toEqual(after)
        for (const value of Object.values(after)) expect(primaries(value)).toBeLessThan(2)
      }),
      runs,
    )
  })

  test('any JSON as a whole body too, of either type; what is taken is canonical', () => {
    fc.assert(
      fc.property(json, fc.constantFrom(userType, groupType), (body, type) => {
        const named =
          typeof body === 'object' && body !== null ? { ...body, userName: 'a', displayName: 'G' } : body
        const taken = orRefused(() => parseResource(frozen(named), type, silent))
        if (taken !== null) expect(parseResource(frozen(taken), type, silent)).toEqual(taken)
      }),
      runs,
    )
  })

  test('one by one is the same as all at once', () => {
    fc.assert(
      fc.property(users, several, (user, list) => {
        const stepwise = orRefused(() => oneByOne(user, list))
        if (stepwise !== null) expect(patched(user, list)).toEqual(stepwise)
      }),
      runs,
    )
  })
})

describe('RFC 7644 3.5.2.1 and 3.5.2.3 doing it again changes nothing', () => {
  test.each(['add', 'replace'] as const)('%s twice is %s once', (op) => {
    fc.assert(
      fc.property(users, operationsOf(op), (user, operation) => {
        const once = orRefused(() => frozen(patched(user, [operation])))
        if (once === null) return
        expect(patched(once, [operation])).toEqual(once)
        expect(patched(user, [operation, operation])).toEqual(once)
      }),
      runs,
    )
  })

  test('RFC 7644 3.5.2.2 remove after add of a new element gives the user as it was', () => {
    const element = { value: 'new@x', type: 'mobile', display: 'N' }
    const add = { op: 'add', path: 'emails', value: [element] }
    const removals = [
      { op: 'remove', path: 'emails[value eq "NEW@x"]' },
      { op: 'remove', path: 'emails[type eq "mobile" and display sw "n"]' },
      { op: 'remove', path: 'emails', value: [{ value: 'new@x' }] },
      { op: 'remove', path: 'emails', value: element },
    ]
    fc.assert(
      fc.property(users, fc.constantFrom(...removals), (user, removal) => {
        expect(patched(user, [add])).not.toEqual(user)
        expect(patched(user, [add, removal])).toBe(user)
      }),
      runs,
    )
  })
})

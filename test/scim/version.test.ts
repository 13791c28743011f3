// meta.version and the conditions on it (RFC 7644 section 3.14, RFC 9110 sections 8.8 and 13.1).
import { describe, expect, test } from 'vitest'
import { isTagged, parseVersionTag, requireVersion, versionTag } from '../../src/scim/version.ts'
import { refusal } from '../support/protocol.ts'

test('RFC 7644 3.14 a version is a weak entity tag', () => expect(versionTag(7)).toBe('W/"7"'))

test('only the tag as it is written is that of the version', () => {
  for (const version of [0, 1, 7, 2 ** 31 - 1]) expect(parseVersionTag(versionTag(version))).toBe(version)
  for (const tag of [
    '7',
    '"7"',
    'w/"7"',
    'W/"07"',
    'W/"-7"',
    'W/"7" ',
    'W/"2147483648"',
    'W/"7.0"',
    'W/""',
    '',
  ]) {
    expect(parseVersionTag(tag)).toBeNull()
  }
})

describe('RFC 9110 13.1 a condition holds if any tag names the version; tags compare weakly', () => {
  test.each(['W/"7"', '"7"', '*', '"1", W/"7"', ' W/"7" ,"8"'])('%s names version 7', (header) => {
    expect(isTagged(header, 7)).toBe(true)
    expect(() => requireVersion(7, header)).not.toThrow()
  })

  test.each(['W/"8"', '"77"', '7', 'W/7', '', '"7', 'x'])('%s does not', (header) => {
    expect(isTagged(header, 7)).toBe(false)
    expect(refusal(() => requireVersion(7, header))).toBe(
      '412 null: The resource is at version W/"7", not at the one in If-Match.',
    )
  })

  test('no condition always holds', () => expect(() => requireVersion(7, undefined)).not.toThrow())
})

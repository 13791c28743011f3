// meta.version and the conditions on it (RFC 7644 section 3.14, RFC 9110 sections 8.8 and 13.1).
import { describe, expect, test } from 'vitest'
import { isTagged, requireVersion, versionTag } from '../../src/scim/version.ts'
import { refusal } from '../support/protocol.ts'

test('RFC 7644 3.14 a version is a weak entity tag', () => expect(versionTag(7)).toBe('W/"7"'))

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

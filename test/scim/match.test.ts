// What a filter selects: the rules that the SQL and the value paths of PATCH must follow.
import { describe, expect, test } from 'vitest'
import { parseFilter } from '../../src/scim/filter.ts'
import { foldAttributes } from '../../src/scim/fold.ts'
import { compareText, matches } from '../../src/scim/match.ts'
import type { JsonObject } from '../../src/scim/resource.ts'
import { userType } from '../../src/scim/schemas/user.ts'

const user = {
  userName: 'Bjensen',
  externalId: 'Ext-1',
  active: true,
  name: { givenName: 'Barbara' },
  title: 'naïve 100%',
  emails: [
    { value: 'b@work.com', type: 'work', primary: true },
    { value: 'b@home.com', type: 'home' },
  ],
  schemas: [userType.schema.id],
  meta: { created: '2020-01-01T00:00:00Z' },
}

const holds = (text: string, resource: JsonObject = user): boolean =>
  matches(parseFilter(text, userType), foldAttributes(resource, userType))

const yes = (...texts: string[]) => test.each(texts)('%s holds', (text) => expect(holds(text)).toBe(true))
const no = (...texts: string[]) =>
  test.each(texts)('%s does not hold', (text) => expect(holds(text)).toBe(false))

describe('RFC 7644 section 3.4.2.2 operators', () => {
  yes(
    'userName eq "BJENSEN"',
    'userName ne "x"',
    'title co "VE 1"',
    'title sw "NAÏ"',
    'title ew "0%"',
    'title co ""',
    'userName gt "b"',
    'userName ge "bjensen"',
    'userName lt "c"',
    'userName le "bjensen"',
    'active eq true',
    'meta.created lt "2020-01-01T00:00:00.001Z"',
    'meta.created eq "2020-01-01T01:00:00+01:00"',
  )
  no(
    'externalId eq "ext-1"',
    'title ew "%0"',
    'userName gt "bjensen"',
    'userName lt "bjensen"',
    'active ne true',
  )
})

describe('RFC 7643 section 2.5 a value that is missing', () => {
  yes(
    'nickName ne "x"',
    'not (nickName eq "x")',
    'nickName eq null',
    'name.familyName ne "x"',
    'not (nickName pr)',
  )
  no(
    'nickName eq ""',
    'nickName pr',
    'nickName co ""',
    'nickName ge ""',
    'nickName ne null',
    'ims pr',
    'ims ne "x"',
  )

  test('an object, a list or a text with nothing in it is missing', () => {
    expect(holds('name pr', { name: {} })).toBe(false)
    expect(holds('emails pr', { emails: [] })).toBe(false)
    expect(holds('title pr', { title: '' })).toBe(false)
  })
})

describe('scim.md section 1 any value of a multi-valued attribute, one and the same in a value path', () => {
  yes(
    'emails pr',
    'emails eq "b@home.com"',
    'emails.value ne "b@home.com"',
    'emails.type eq "work" and emails.value eq "b@home.com"',
    'emails[type eq "WORK" and value eq "B@work.com"]',
    'emails[type eq "work"].value eq "b@work.com"',
    'emails[not (type eq "work")].value sw "b@h"',
    'not (emails[type eq "other"])',
    `schemas eq "${userType.schema.id}"`,
  )
  no(
    'emails[type eq "work" and value eq "b@home.com"]',
    'emails[type eq "work"].value eq "b@home.com"',
    'not (emails.type eq "work")',
    'schemas eq "urn:x"',
  )
})

describe('RFC 7643 section 2.4 primary is false where it is not given', () => {
  yes('emails[type eq "home" and primary eq false]', 'emails[primary ne true].type eq "home"')
})

describe('RFC 7644 section 3.4.2.2 order of text', () => {
  test('is that of code points, not of UTF-16 units', () => {
    expect(compareText('\u{1f600}', '\uffee')).toBeGreaterThan(0)
    expect(compareText('a\u{1f600}', 'a\u{1f601}')).toBeLessThan(0)
    expect(compareText('ab', 'a')).toBeGreaterThan(0)
    expect(compareText('a', 'a')).toBe(0)
    expect(holds('title gt "\uffee"', { title: '\u{1f600}' })).toBe(true)
  })
})

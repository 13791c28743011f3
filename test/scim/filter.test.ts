// Filters: the grammar, what names and values mean, and the mending of scim2-parse-filter.
import { describe, expect, test } from 'vitest'
import { ScimError } from '../../src/scim/errors.ts'
import {
  type Filter,
  MAX_FILTER_DEPTH,
  MAX_FILTER_LENGTH,
  MAX_MEMBERSHIP_CONDITIONS,
  parseElementFilter,
  parseFilter,
} from '../../src/scim/filter.ts'
import { type Attribute, findTarget, type ResourceType } from '../../src/scim/schema.ts'
import { groupType } from '../../src/scim/schemas/group.ts'
import { userType } from '../../src/scim/schemas/user.ts'

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'

/** A tree in one line: `any emails {type eq "work" and value eq "x"}`. */
function shown(filter: Filter): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return `(${filter.filters.map(shown).join(` ${filter.kind} `)})`
    case 'not':
      return `not ${shown(filter.filter)}`
    case 'present':
      return `${filter.path.join('.')} pr`
    case 'compare':
      return `${filter.path.join('.')} ${filter.operator} ${JSON.stringify(filter.value)}`
    case 'any':
      return `any ${filter.path.join('.')} {${filter.filter === null ? '' : shown(filter.filter)}}`
  }
}

const read = (text: string, type: ResourceType = userType): string => shown(parseFilter(text, type))

function refusal(text: string, type: ResourceType = userType): string {
  try {
    parseFilter(text, type)
  } catch (error) {
    if (!(error instanceof ScimError)) throw error
    expect(error).toMatchObject({ status: 400, scimType: 'invalidFilter' })
    expect(error.message.length).toBeLessThan(300)
    return error.message
  }
  throw new Error(`accepted: ${text}`)
}

function attributeOf(name: string): Attribute {
  const target = findTarget(userType, name)
  if (target === null) throw new Error(name)
  return target.attribute
}

describe('RFC 7644 section 3.4.2.2 the examples', () => {
  test.each([
    ['userName Eq "john"', 'userName eq "john"'],
    ['Username eq "john"', 'userName eq "john"'],
    ['userName eq "bjensen"', 'userName eq "bjensen"'],
    [`name.familyName co "O'Malley"`, `name.familyName co "o'malley"`],
    ['userName sw "J"', 'userName sw "j"'],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"', 'userName sw "j"'],
    ['title pr', 'title pr'],
    ['meta.lastModified gt "2011-05-13T04:42:34Z"', 'meta.lastModified gt "2011-05-13T04:42:34.000Z"'],
    ['meta.lastModified ge "2011-05-13T04:42:34Z"', 'meta.lastModified ge "2011-05-13T04:42:34.000Z"'],
    ['meta.lastModified lt "2011-05-13T04:42:34Z"', 'meta.lastModified lt "2011-05-13T04:42:34.000Z"'],
    ['meta.lastModified le "2011-05-13T04:42:34Z"', 'meta.lastModified le "2011-05-13T04:42:34.000Z"'],
    ['title pr and userType eq "Employee"', '(title pr and userType eq "employee")'],
    ['title pr or userType eq "Intern"', '(title pr or userType eq "intern")'],
    [`schemas eq "${enterprise}"`, `any schemas { eq "${enterprise.toLowerCase()}"}`],
    [
      'userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")',
      '(userType eq "employee" and (any emails {value co "example.com"} or any emails {value co "example.org"}))',
    ],
    [
      'userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")',
      '(userType ne "employee" and not (any emails {value co "example.com"} or any emails {value co "example.org"}))',
    ],
    [
      'userType eq "Employee" and (emails.type eq "work")',
      '(userType eq "employee" and any emails {type eq "work"})',
    ],
    [
      'userType eq "Employee" and emails[type eq "work" and value co "@example.com"]',
      '(userType eq "employee" and any emails {(type eq "work" and value co "@example.com")})',
    ],
    [
      'emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]',
      '(any emails {(type eq "work" and value co "@example.com")} or any ims {(type eq "xmpp" and value co "@foo.com")})',
    ],
  ])('%s', (text, tree) => expect(read(text)).toBe(tree))
})

describe('RFC 7644 section 3.4.2.2 precedence: grouping, not, and, or', () => {
  test.each([
    ['title pr or title pr and userName pr', '(title pr or (title pr and userName pr))'],
    ['title pr and title pr or userName pr', '((title pr and title pr) or userName pr)'],
    [
      'title pr or userName pr and title pr or userName pr and title pr',
      '(title pr or (userName pr and title pr) or (userName pr and title pr))',
    ],
    ['not (title eq "1") and title eq "2"', '(not title eq "1" and title eq "2")'],
    [
      'title eq "1" and not (title eq "2") or userName pr',
      '((title eq "1" and not title eq "2") or userName pr)',
    ],
    ['title pr or not (title pr) and userName pr', '(title pr or (not title pr and userName pr))'],
    ['(title pr or userName pr) and title pr', '((title pr or userName pr) and title pr)'],
    ['not (not (title pr or title pr))', 'not not (title pr or title pr)'],
    ['NOT(title pr)AND(title pr)', '(not title pr and title pr)'],
    [
      'emails[not (type eq "a") and value pr or type pr]',
      'any emails {((not type eq "a" and value pr) or type pr)}',
    ],
  ])('%s', (text, tree) => expect(read(text)).toBe(tree))
})

describe('RFC 7643 section 2.1 names and operators have no case; URNs may qualify them', () => {
  test.each([
    ['ActiVe eQ tRuE', 'active eq true'],
    ['URN:IETF:params:scim:schemas:core:2.0:USER:NAME.GIVENNAME PR', 'name.givenName pr'],
    ['urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq "work"]', 'any emails {type eq "work"}'],
    [`${enterprise}:manager.value eq "B"`, `${enterprise}.manager.value eq "B"`],
    [
      `${enterprise}:manager[value eq "B"].displayName eq "C"`,
      `(${enterprise}.manager.value eq "B" and ${enterprise}.manager.displayName eq "c")`,
    ],
    [`${enterprise.toUpperCase()}:department eq "Sales"`, `${enterprise}.department eq "sales"`],
  ])('%s', (text, tree) => expect(read(text)).toBe(tree))
})

describe('scim.md section 3 what Entra sends', () => {
  test('members without a sub-attribute means members.value', () => {
    expect(read('id eq "g" and members eq "u"', groupType)).toBe('(id eq "g" and any members {value eq "u"})')
  })

  test('manager without URN and sub-attribute means the extension, and its value', () => {
    expect(read('id eq "a" and manager eq "b"')).toBe(`(id eq "a" and ${enterprise}.manager.value eq "b")`)
  })

  test('a value path with a sub-attribute holds on one and the same value', () => {
    expect(read('emails[type eq "Work"].value eq "A@b.c"')).toBe(
      'any emails {(type eq "work" and value eq "a@b.c")}',
    )
  })
})

describe('scim.md section 1 scim2-parse-filter is mended', () => {
  test.each([
    ['title eq "a\\\\b"', 'title eq "a\\\\b"'],
    ['title eq "\\u0041\\ud83d\\ude00\\""', 'title eq "a\ud83d\ude00\\""'],
    ['title eq "\\\\u0041"', 'title eq "\\\\u0041"'],
    [
      'title eq "and" or title eq ") or (" and title co "]"',
      '(title eq "and" or (title eq ") or (" and title co "]"))',
    ],
    ['emails[primary eq True]', 'any emails {primary eq true}'],
    ['active eq FALSE', 'active eq false'],
    [
      'emails[type eq "a" or type eq "b"].value eq "c" and title pr',
      '(any emails {((type eq "a" or type eq "b") and value eq "c")} and title pr)',
    ],
    ['emails[type eq "a"].value pr or title pr', '(any emails {(type eq "a" and value pr)} or title pr)'],
    [
      'emails[type eq "a"] and emails.value eq "b"',
      '(any emails {type eq "a"} and any emails {value eq "b"})',
    ],
    [`${enterprise}:manager.$ref eq "X"`, `${enterprise}.manager.$ref eq "X"`],
    ['name[givenName eq "A" and not (familyName pr)]', '(name.givenName eq "a" and not name.familyName pr)'],
    ['title eq "x"  ', 'title eq "x"'],
  ])('%s', (text, tree) => expect(read(text)).toBe(tree))

  test('$ref is a name also inside of a value path', () => {
    expect(read('members.$ref eq "X"', groupType)).toBe('any members {$ref eq "X"}')
    expect(read('members[$REF eq "X"].type eq "User"', groupType)).toBe(
      'any members {($ref eq "X" and type eq "user")}',
    )
  })

  test.each([
    ['(', ')', 'parentheses'],
    ['not (', ')', 'negations'],
    ['emails[', ']', 'brackets'],
  ])('10,000 times %s is refused at once', (open, close) => {
    const started = performance.now()
    expect(refusal(`${open.repeat(10_000)}title pr${close.repeat(10_000)}`)).toMatch(/characters/)
    expect(refusal(open.repeat(1000))).toMatch(/nested more than 50 deep|sub-attribute/)
    expect(performance.now() - started).toBeLessThan(1000)
  })

  test('nesting up to the limit is read', () => {
    const nested = (depth: number) => `${'('.repeat(depth)}title pr${')'.repeat(depth)}`
    expect(read(nested(MAX_FILTER_DEPTH))).toBe('title pr')
    expect(refusal(nested(MAX_FILTER_DEPTH + 1))).toMatch(/nested/)
  })

  test('conditions on memberships are counted wherever they are, a value path once', () => {
    const many = (condition: string, count: number) => Array.from({ length: count }, () => condition)
    const most = many('groups[value eq "x" or display co "y"]', MAX_MEMBERSHIP_CONDITIONS)
    expect(read(most.join(' or '))).toMatch(/^\(any groups/)
    expect(refusal(`(${most.join(' or ')}) and not (groups pr)`)).toMatch(
      /21 conditions on groups or members/,
    )
    expect(refusal(many('members eq "x"', 21).join(' and '), groupType)).toMatch(/20 are allowed/)
    expect(read(many('emails eq "x"', 200).join(' or '))).toMatch(/^\(any emails/)
  })

  test('the longest filter is read in no time', () => {
    const text = 'id pr or '.repeat(MAX_FILTER_LENGTH / 9 - 1)
    const started = performance.now()
    expect(read(`${text}id pr`)).toMatch(/^\(id pr or id pr/)
    expect(refusal(`title eq "${'\\"'.repeat(3990)}`)).toMatch(/does not end/)
    expect(performance.now() - started).toBeLessThan(1000)
  })
})

describe('RFC 7643 section 2.5 null is "has no value"', () => {
  test.each([
    ['title eq null', 'not title pr'],
    ['title ne NULL', 'title pr'],
    ['name eq null', 'not name pr'],
    ['emails eq null', 'not any emails {}'],
    ['emails.type ne null', 'any emails {type pr}'],
    ['emails[type eq null]', 'any emails {not type pr}'],
    ['name pr', 'name pr'],
    ['emails pr', 'any emails {}'],
    ['emails.value pr', 'any emails {value pr}'],
  ])('%s', (text, tree) => expect(read(text)).toBe(tree))
})

describe('RFC 7643 section 2.2 caseExact decides how values compare', () => {
  test.each([
    ['userName eq "ÄB"', 'userName eq "äb"'],
    ['externalId eq "ÄB"', 'externalId eq "ÄB"'],
    ['id eq "AB"', 'id eq "AB"'],
    ['profileUrl eq "HTTP://A"', 'profileUrl eq "HTTP://A"'],
    ['x509Certificates.value eq "AbC="', 'any x509Certificates {value eq "AbC="}'],
  ])('%s', (text, tree) => expect(read(text)).toBe(tree))

  test('the literal stays as the client wrote it, for elements that a PATCH makes', () => {
    expect(parseElementFilter('type eq "Work"', attributeOf('emails'))).toMatchObject({
      value: 'work',
      literal: 'Work',
    })
    expect(parseElementFilter('primary eq "True"', attributeOf('roles'))).toMatchObject({ literal: true })
  })
})

describe('scim.md section 5.3 "true" and "false" in any case are Booleans', () => {
  test.each([
    ['active eq "True"', 'active eq true'],
    ['roles[primary eq "FALSE"].value eq "x"', 'any roles {(primary eq false and value eq "x")}'],
  ])('%s', (text, tree) => expect(read(text)).toBe(tree))
})

describe('RFC 7644 section 3.4.2.2 what is no filter is invalidFilter, and the detail says what and where', () => {
  test.each([
    ['', /ends where an attribute/],
    ['   ', /ends where an attribute/],
    ['title', /ends where an operator/],
    ['title eq', /ends where a value/],
    ['title eq "x" and', /ends where an attribute/],
    ['not', /ends where "\("/],
    ['not title pr', /"title" at character 5, where "\("/],
    ['not not (title pr)', /"not" at character 5/],
    ['title pr not (title pr)', /"not" at character 10/],
    ['title is "x"', /"is" at character 7, where an operator/],
    ['title eq x', /"x" at character 10 of the filter is no value/],
    ['title eq 01', /"01"/],
    ['title eq 1e999', /"1e999"/],
    ['title eq (', /"\(" at character 10/],
    ["title eq 'x'", /double quotes/],
    ['title eq "x', /character 10 of the filter does not end/],
    ['title eq "a\\d"', /character 10 of the filter is not JSON/],
    ['title eq "a\nb"', /not JSON/],
    ['title eq "x" "y"', /"\\"y\\"" at character 14/],
    ['(title pr', /lacks a closing "\)"/],
    ['title pr)', /"\)" at character 9 of the filter closes nothing/],
    ['(title pr]', /"\]" at character 10/],
    ['emails[type pr', /lacks a closing "\]"/],
    ['emails[type eq "x"] pr', /"pr" at character 21/],
    ['emails[type eq "x"].value[type pr]', /"\[" at character 26/],
    ['emails[]', /"\]" at character 8/],
    ['()', /"\)" at character 2/],
    ['and eq "x"', /no attribute "and"/],
    ['"title" eq "x"', /where an attribute/],
  ])('%s', (text, detail) => expect(refusal(text)).toMatch(detail))

  test('a long text is not echoed', () => {
    expect(refusal(`${'x'.repeat(5000)} pr`)).toMatch(/^User has no attribute "x{60}…"\.$/)
  })
})

describe('scim.md section 1 what the schema does not allow is invalidFilter', () => {
  test.each([
    ['nothing eq "x"', /User has no attribute "nothing"/],
    ['name.nothing eq "x"', /no attribute "name.nothing"/],
    ['emails[nothing eq "x"]', /emails has no sub-attribute "nothing"/],
    ['emails[type eq "x"].nothing eq "x"', /emails has no sub-attribute "nothing"/],
    ['urn:nobody:User:title eq "x"', /no attribute/],
    ['members eq "x"', /no attribute "members"/],
    ['name eq "x"', /"name" is complex/],
    ['addresses eq "x"', /"addresses" is complex/],
    ['title[value eq "x"]', /"title" has no sub-attributes/],
    ['emails.value[type eq "x"]', /"emails.value" has no sub-attributes/],
    ['schemas[value eq "x"]', /"schemas" has no sub-attributes/],
    ['title eq 5', /"title" compares with a string/],
    ['title eq true', /"title" compares with a string/],
    ['active eq "yes"', /"active" compares with true or false/],
    ['active eq 1', /"active" compares with true or false/],
    ['active gt true', /type boolean, which has no operator "gt"/],
    ['active co "tr"', /type boolean, which has no operator "co"/],
    ['emails.primary le false', /type boolean/],
    ['x509Certificates.value gt "a"', /type binary/],
    ['x509Certificates.value sw "a"', /type binary/],
    ['meta.created sw "2020"', /type dateTime/],
    ['meta.created gt "yesterday"', /"meta.created" compares with a dateTime/],
    ['meta.created gt "2023-02-30T00:00:00Z"', /dateTime/],
    ['meta.created gt 2020', /dateTime/],
    ['title gt null', /cannot be compared with null/],
    ['title eq "a\\u0000"', /a character that no value can have/],
    ['title eq "\\ud800"', /a character that no value can have/],
  ])('%s', (text, detail) => expect(refusal(text)).toMatch(detail))

  test('RFC 7644 section 7.5.2 a password cannot be found out by searching for it', () => {
    expect(refusal('password eq "secret"')).toMatch(/password cannot be searched/)
    expect(refusal('urn:ietf:params:scim:schemas:core:2.0:User:PASSWORD pr')).toMatch(/cannot be searched/)
  })

  test('a filter on elements knows only their sub-attributes', () => {
    const emails = attributeOf('emails')
    expect(() => parseElementFilter('userName eq "x"', emails)).toThrow(/emails has no sub-attribute/)
    expect(() => parseElementFilter('emails.type eq "x"', emails)).toThrow(/emails has no sub-attribute/)
    expect(shown(parseElementFilter('TYPE eq "Work" or primary eq true', emails))).toBe(
      '(type eq "work" or primary eq true)',
    )
  })
})

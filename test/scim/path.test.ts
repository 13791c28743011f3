// PATCH paths (RFC 7644 section 3.5.2, figure 7).
import { describe, expect, test } from 'vitest'
import { ScimError } from '../../src/scim/errors.ts'
import { MAX_PATH_LENGTH, parsePath } from '../../src/scim/path.ts'
import type { ResourceType } from '../../src/scim/schema.ts'
import { groupType } from '../../src/scim/schemas/group.ts'
import { userType } from '../../src/scim/schemas/user.ts'

const core = 'urn:ietf:params:scim:schemas:core:2.0:User'
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'

/** What a path names: [extension, attribute, operator and value of its filter, sub-attribute]. */
function read(text: string, type: ResourceType = userType) {
  const { extension, attribute, filter, sub } = parsePath(text, type)
  const condition =
    filter?.kind === 'compare' ? `${filter.path[0]} ${filter.operator} ${filter.value}` : filter
  return [extension?.id ?? null, attribute?.name ?? null, condition, sub?.name ?? null]
}

function refusal(text: string, type: ResourceType = userType): [string | null, string] {
  try {
    parsePath(text, type)
  } catch (error) {
    if (!(error instanceof ScimError)) throw error
    expect(error.status).toBe(400)
    return [error.scimType, error.message]
  }
  throw new Error(`accepted: ${text}`)
}

describe('RFC 7644 section 3.5.2 figure 7: paths', () => {
  test.each([
    ['userName', [null, 'userName', null, null]],
    ['USERNAME', [null, 'userName', null, null]],
    ['name.familyName', [null, 'name', null, 'familyName']],
    ['emails', [null, 'emails', null, null]],
    ['emails.value', [null, 'emails', null, 'value']],
    ['emails[type eq "Work"]', [null, 'emails', 'type eq work', null]],
    ['emails[type eq "work"].value', [null, 'emails', 'type eq work', 'value']],
    ['addresses[type eq "work"].StreetAddress', [null, 'addresses', 'type eq work', 'streetAddress']],
    ['emails[value eq "a].b[c"].type', [null, 'emails', 'value eq a].b[c', 'type']],
    ['  emails [ type eq "work" ] .value ', [null, 'emails', 'type eq work', 'value']],
    [`${core}:userName`, [null, 'userName', null, null]],
    [`${core.toUpperCase()}:NAME.GIVENNAME`, [null, 'name', null, 'givenName']],
    [`${core}:emails[type eq "work"].value`, [null, 'emails', 'type eq work', 'value']],
    [enterprise, [enterprise, null, null, null]],
    [enterprise.toLowerCase(), [enterprise, null, null, null]],
    [`${enterprise}:department`, [enterprise, 'department', null, null]],
    [`${enterprise}:manager`, [enterprise, 'manager', null, null]],
    [`${enterprise}:manager.value`, [enterprise, 'manager', null, 'value']],
    [`${enterprise}:manager.$ref`, [enterprise, 'manager', null, '$ref']],
    ['schemas', [null, 'schemas', null, null]],
  ])('%s', (text, path) => expect(read(text)).toEqual(path))

  test('members of a group', () => {
    expect(read('members', groupType)).toEqual([null, 'members', null, null])
    expect(read('members[value eq "AB"]', groupType)).toEqual([null, 'members', 'value eq AB', null])
  })
})

describe('scim.md section 3: paths that Entra sends', () => {
  test('the old dot after the URN, and a Boolean as text', () => {
    expect(read(`${enterprise}.department`)).toEqual([enterprise, 'department', null, null])
    expect(read('roles[primary eq "True"].value')).toEqual([null, 'roles', 'primary eq true', 'value'])
  })
})

describe('RFC 7644 section 3.12 table 9: invalidPath', () => {
  test.each([
    ['', /User has no attribute ""/],
    ['nothing', /User has no attribute "nothing"/],
    ['name.nothing', /no attribute "name.nothing"/],
    ['name.givenName.more', /no attribute/],
    ['nothing[type eq "work"]', /no attribute "nothing"/],
    ['emails[type eq "work"].nothing', /emails has no sub-attribute "nothing"/],
    ['emails[type eq "work"]value', /"value" after "]"/],
    ['emails[type eq "work"].', /no sub-attribute ""/],
    ['emails[type eq "work"', /lacks a closing "]"/],
    ['emails]type eq "work"[', /no attribute/],
    ['name[givenName eq "x"]', /"name" has no elements/],
    ['title[value eq "x"]', /"title" has no elements/],
    ['schemas[value eq "x"]', /"schemas" has no elements/],
    ['emails.value[type eq "x"]', /"emails.value" has no elements/],
    [core, /no attribute/],
    ['urn:nobody:2.0:User:title', /no attribute/],
    ['members', /User has no attribute "members"/],
    ['x'.repeat(MAX_PATH_LENGTH + 1), /8001 characters/],
  ])('%.60s', (text, detail) => {
    const [scimType, message] = refusal(text)
    expect([scimType, message]).toEqual(['invalidPath', expect.stringMatching(detail)])
    expect(message.length).toBeLessThan(200)
  })
})

describe('RFC 7644 section 3.12 table 9: invalidFilter for the filter of a path', () => {
  test.each([
    ['emails[]', /ends where an attribute/],
    ['emails[type badop "1"]', /"badop" at character 6/],
    ['emails[type eq "work"].value]', /./],
    ['emails[type eq "work]', /does not end/],
    ['emails[nothing eq "work"]', /emails has no sub-attribute "nothing"/],
    ['emails[primary gt true]', /boolean/],
    [`emails[${'('.repeat(5000)}]`, /nested/],
  ])('%.60s', (text, detail) => {
    expect(refusal(text)).toEqual(['invalidFilter', expect.stringMatching(detail)])
  })
})

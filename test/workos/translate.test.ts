// Events of WorkOS's as changes of a directory, and its users as SCIM resources.
import { describe, expect, test } from 'vitest'
import { userType } from '../../src/scim/schemas/user.ts'
import { parseResource } from '../../src/scim/validate.ts'
import { groupBody, userBody } from '../../src/workos/resources.ts'
import { isAfter, stampOf } from '../../src/workos/stamp.ts'
import { dsyncEvents, translate } from '../../src/workos/translate.ts'

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const userOf = (fields: Record<string, unknown>) => userBody(fields, 'directory_user_1')

describe('domain.md 8 a user as a push would have it', () => {
  test('the user name is the username, else the primary e-mail, else an id', () => {
    expect(userOf({ username: 'ada', email: 'a@acme.test' }).userName).toBe('ada')
    expect(userOf({ custom_attributes: { username: 'ada' } }).userName).toBe('ada')
    expect(userOf({ email: 'a@acme.test' }).userName).toBe('a@acme.test')
    const emails = [{ value: 'x@acme.test' }, { value: 'y@acme.test', primary: true }]
    expect(userOf({ emails }).userName).toBe('y@acme.test')
    expect(userOf({ idp_id: '00u1', username: '' }).userName).toBe('00u1')
    expect(userOf({}).userName).toBe('directory_user_1')
  })

  test('one e-mail is the primary: the one that is named, else marked, else the first', () => {
    const emails = [
      { value: 'x@acme.test', type: 'home' },
      { value: 'y@acme.test', type: 'work', primary: true },
      { value: 'z@acme.test', primary: true },
      { value: null },
    ]
    const primaryOf = (fields: Record<string, unknown>) => {
      const { emails: all } = parseResource(userOf(fields), userType, () => {})
      return Array.isArray(all) ? all.filter(({ primary }) => primary).map(({ value }) => value) : []
    }
    expect(primaryOf({ emails })).toEqual(['y@acme.test'])
    expect(primaryOf({ emails, email: 'Z@acme.test' })).toEqual(['z@acme.test'])
    expect(primaryOf({ emails, email: 'new@acme.test' })).toEqual(['new@acme.test'])
    expect(primaryOf({ emails: [{ value: 'x@acme.test' }] })).toEqual(['x@acme.test'])
    expect(primaryOf({ custom_attributes: { emails } })).toEqual(['y@acme.test'])
    expect(primaryOf({})).toEqual([])
  })

  test.each([
    ['active', true],
    [undefined, true],
    ['inactive', false],
    ['suspended', false],
  ])('state %s: active %s', (state, active) => {
    expect(userOf({ state }).active).toBe(active)
  })

  test('the rest from where WorkOS has it, and a body that is taken', () => {
    const body = userOf({
      idp_id: '00u1',
      username: 'ada@acme.test',
      first_name: 'Ada',
      last_name: null,
      state: 'active',
      custom_attributes: { job_title: 'Analyst', department_name: 'Maths', cost_center_name: 'C1' },
      raw_attributes: {
        displayName: 'Ada L.',
        locale: 'en-GB',
        title: 'not this one',
        [ENTERPRISE]: { employeeNumber: 7, department: 'Engines', manager: { value: '00u2' }, odd: {} },
      },
    })
    expect(parseResource(body, userType, () => {})).toEqual({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', ENTERPRISE],
      userName: 'ada@acme.test',
      externalId: '00u1',
      active: true,
      name: { givenName: 'Ada' },
      displayName: 'Ada L.',
      title: 'Analyst',
      locale: 'en-GB',
      [ENTERPRISE]: {
        employeeNumber: '7',
        costCenter: 'C1',
        department: 'Engines',
        manager: { value: '00u2' },
      },
    })
  })

  test.each([[null], ['text'], [[1]], [{ [ENTERPRISE]: 'x' }], [{ [ENTERPRISE]: { manager: 'boss' } }]])(
    'raw attributes of any shape do no harm: %j',
    (raw_attributes) => {
      const body = userOf({ username: 'ada', raw_attributes, custom_attributes: raw_attributes })
      expect(parseResource(body, userType, () => {})).toMatchObject({ userName: 'ada', active: true })
    },
  )

  test('a group has its name, else its id', () => {
    expect(groupBody({ name: 'Engineers', idp_id: '00g1' }, 'directory_group_1')).toMatchObject({
      displayName: 'Engineers',
      externalId: '00g1',
    })
    expect(groupBody({ name: '' }, 'directory_group_1')).toMatchObject({ displayName: 'directory_group_1' })
  })
})

describe('domain.md 8 events', () => {
  const envelope = { id: 'event_1', created_at: '2026-11-24T08:00:00.000Z' }

  test('every kind of event is known, any other is none', () => {
    expect(dsyncEvents).toEqual([
      'dsync.activated',
      'dsync.deleted',
      'dsync.user.created',
      'dsync.user.updated',
      'dsync.user.deleted',
      'dsync.group.created',
      'dsync.group.updated',
      'dsync.group.deleted',
      'dsync.group.user_added',
      'dsync.group.user_removed',
    ])
    for (const event of ['user.created', 'dsync.user', 'constructor', '', undefined, 7]) {
      expect(translate({ ...envelope, event })).toBeNull()
    }
  })

  test('an object is as new as its updated_at, a deletion as its event, or its object if that is newer', () => {
    const data = {
      id: 'directory_user_1',
      directory_id: 'directory_1',
      updated_at: '2026-11-24T07:00:00.000Z',
    }
    const stampIn = (event: string, updated_at?: string) => {
      const change = translate({ ...envelope, event, data: { ...data, updated_at } })?.change
      if (change?.kind === 'object') return change.object.stamp
      return change?.kind === 'object_deleted' ? change.stamp : undefined
    }
    expect(stampIn('dsync.user.updated', '2026-11-24T07:00:00.000Z')).toMatch(/^2026-11-24T07:00:00.000Z 0/)
    expect(stampIn('dsync.user.updated')).toMatch(/^2026-11-24T08:00:00.000Z 0/)
    expect(stampIn('dsync.user.deleted', '2026-11-24T07:00:00.000Z')).toMatch(/^2026-11-24T08:00:00.000Z 1/)
    expect(stampIn('dsync.user.deleted', '2026-11-24T09:00:00.000Z')).toMatch(/^2026-11-24T09:00:00.000Z 1/)
  })

  test('stamps sort as things happened; at one moment a deletion is the last', () => {
    const [noon, one] = [new Date('2026-11-24T12:00:00Z'), new Date('2026-11-24T13:00:00Z')]
    const stamps = [
      stampOf(noon, 'change', { id: 'event_1', at: noon }),
      stampOf(noon, 'change', { id: 'event_2', at: noon }),
      stampOf(noon, 'change', { id: 'event_1', at: one }),
      stampOf(noon, 'deletion', { id: 'event_0', at: noon }),
      stampOf(one, 'change', { id: 'event_0', at: one }),
    ]
    expect([...stamps].sort()).toEqual(stamps)
    const [first = '', second = ''] = stamps
    expect([isAfter(second, [first, null]), isAfter(first, [first]), isAfter(first, [second])]).toEqual([
      true,
      false,
      false,
    ])
  })
})

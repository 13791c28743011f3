// The demo stays true: what `npm run demo` plays comes out as it prints, and what does not is told.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Access, createTenant, revokeToken } from '../demo/administrator.ts'
import { entra } from '../demo/entra.ts'
import { okta } from '../demo/okta.ts'
import { type Outcome, type PlayedExchange, type PlayedStep, play } from '../demo/play.ts'
import type { Exchange, Scenario } from '../demo/scenario.ts'
import { parseFirstStart } from '../demo/service.ts'
import { closing, stepLines, verdict } from '../demo/table.ts'
import { firstStartMessage } from '../src/first-start.ts'
import { scimClient, startTestApp, type TestApp } from './support/app.ts'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp()
})

afterAll(() => app.close())

interface Played {
  readonly outcome: Outcome
  readonly steps: readonly PlayedStep[]
}

async function playOn(scenario: Scenario): Promise<Played> {
  const access: Access = { origin: app.origin, adminToken: app.adminToken }
  const steps: PlayedStep[] = []
  const tenant = await createTenant(access, scenario.organization)
  const outcome = await play(scenario, access, tenant, { onStep: (played) => steps.push(played) })
  return { outcome, steps }
}

const exchangesOf = ({ steps }: Played): PlayedExchange[] => steps.flatMap(({ exchanges }) => exchanges)

const table = (text: string) => text.trim().split('\n')
const withoutLines = (text: string) => text.split('\n').filter((line) => !line.startsWith('─'))

describe('scim.md 2 Okta: a first sync and a week of changes', () => {
  let played: Played

  beforeAll(async () => {
    played = await playOn(okta)
  })

  test('every request is answered as expected and everybody ends as expected', () => {
    expect(played.outcome.faults).toEqual([])
    expect(verdict(okta, played.outcome)).toBe(
      '✓ Okta: 35 requests, each answered as expected; 3 members in the end, as expected',
    )
  })

  test('E1 E2 E3 E4 E10 the tables at the end are those of the README', () => {
    expect(withoutLines(closing(played.outcome))).toEqual(
      table(`
Day  Barbara             Grace               Alan                Katherine           Edsger
Mon  owner on premium    user on standard    user on standard    –                   –
Tue  owner on premium    user on standard    admin on standard   admin on standard   –
Wed  owner on premium    user on standard    admin on standard   admin on standard   waits for standard
Thu  owner on premium    –                   admin on standard   admin on standard   user on standard
Fri  owner on premium    user on standard    admin on standard   admin on standard   user on standard
Sat  owner on premium    user on standard    admin on standard   admin on standard   user on standard
Sun  owner on premium    user on standard    user on standard    –                   –

Member     E-mail                           Role    Seat      Why
Barbara    barbara.liskov@lantern.example   owner   premium   The role owner comes from “Claude Owners”.
Grace      grace@lantern.example            user    standard  The role user comes from “Claude Everyone”.
Alan       alan@lantern.example             user    standard  The role user comes from “Claude Everyone”.
Katherine  no member: The user is in no group that is mapped to a role or a seat type.
Edsger     no member: The user is in no group that is mapped to a role or a seat type.
`),
    )
  })

  test('every request has the headers that Okta sends', () => {
    const wires = scimRequests(okta, played)
    expect(wires.length).toBeGreaterThan(30)
    for (const { method, headers } of wires) {
      expect(headers).toEqual({
        'User-Agent': 'Okta SCIM Client 1.0.0',
        Accept: 'application/scim+json',
        'Accept-Charset': 'utf-8',
        ...(method === 'GET' || method === 'DELETE'
          ? {}
          : { 'Content-Type': 'application/scim+json; charset=utf-8' }),
      })
    }
  })
})

describe('scim.md 3 Entra: a first sync and a week of changes', () => {
  let played: Played

  beforeAll(async () => {
    played = await playOn(entra)
  })

  test('every request is answered as expected and everybody ends as expected', () => {
    expect(played.outcome.faults).toEqual([])
    expect(verdict(entra, played.outcome)).toBe(
      '✓ Microsoft Entra ID: 41 requests, each answered as expected; 2 members in the end, as expected',
    )
  })

  test('E1 E2 E3 E4 E10 the tables at the end are those of the README', () => {
    expect(withoutLines(closing(played.outcome))).toEqual(
      table(`
Day  Hedy                     Tim                      Radia                    Vint
Mon  user on standard         user on standard         user on premium          –
Tue  user on standard         admin on standard        user on premium          –
Wed  user on standard *       admin on standard        user on premium          waits for standard
Thu  user on premium          admin on standard        –                        user on standard
Fri  user on premium          admin on standard        –                        user on standard
Sat  user on premium          admin on standard        –                        user on standard
Sun  user on premium          admin on standard        –                        –
     * waits for another seat

Member     E-mail                           Role    Seat      Why
Hedy       hedy.lamarr@harbour.example      user    premium   No group gives a role, so it is the base role user.
Tim        tim@harbour.example              admin   standard  The role admin comes from “Claude Stewards”.
Radia      no member: Not in the directory any more.
Vint       no member: The user is in no group that is mapped to a role or a seat type.
`),
    )
  })

  test('operations begin with a capital, and no value is a boolean', () => {
    const bodies = scimRequests(entra, played).flatMap(({ method, body }) =>
      method === 'PATCH' ? [JSON.stringify(body)] : [],
    )
    expect(bodies.length).toBeGreaterThan(8)
    for (const body of bodies) expect(body).not.toMatch(/"op":"[a-z]|:true|:false/)
  })
})

describe('what is not as a scenario says is told', () => {
  const edited = (edit: (exchange: Exchange) => Exchange): Scenario => ({
    ...entra,
    steps: entra.steps.map((step) => ({ ...step, exchanges: step.exchanges.map(edit) })),
  })

  test('another status', async () => {
    const scenario = edited((exchange) =>
      exchange.expected.status === 201
        ? { ...exchange, expected: { ...exchange.expected, status: 200 } }
        : exchange,
    )
    const { outcome } = await playOn(scenario)
    expect(outcome.faults).toHaveLength(7)
    expect(outcome.faults[0]).toMatch(/^POST \/Users: answered 201, not 200: /)
    expect(verdict(scenario, outcome)).toMatch(/^✗ Microsoft Entra ID: 7 not as expected\n/)
  })

  test('another number found', async () => {
    const scenario = edited(({ expected, ...exchange }) => ({
      ...exchange,
      expected: expected.found?.length === 1 ? { ...expected, found: [] } : expected,
    }))
    const { outcome } = await playOn(scenario)
    expect(outcome.faults).toHaveLength(3)
    expect(outcome.faults[2]).toMatch(/: found 1 \(Tim\), not 0 \(\)$/)
  })

  test('a change of a member that the scenario does not mention, or none where it mentions one', async () => {
    const scenario = edited(({ expected, ...exchange }) => {
      const { members: _, ...silent } = expected
      return { ...exchange, expected: expected.members?.Radia === undefined ? expected : silent }
    })
    const unexpected = await playOn(scenario)
    expect(unexpected.outcome.faults).toEqual([
      expect.stringMatching(/^PATCH .*: changed Radia: user on premium; expected: nobody$/),
      expect.stringMatching(
        /^PATCH .*: changed Hedy: user on premium; Radia: no member; Vint: user on standard; expected: nobody$/,
      ),
    ])
    const [first, ...others] = unexpected.steps
    expect(first && stepLines(first, unexpected.outcome.names)).not.toContain('✗')
    expect(others.filter((step) => stepLines(step, unexpected.outcome.names).includes('✗'))).toHaveLength(2)
  })

  test('other members in the end', async () => {
    const { outcome } = await playOn({
      ...entra,
      final: { Hedy: 'owner on premium', Vint: 'user on standard' },
    })
    expect(outcome.faults).toEqual([
      'in the end Hedy: user on premium, not: owner on premium',
      'in the end Tim: admin on standard, not: no member',
      'in the end Vint: no member, not: user on standard',
    ])
  })
})

test('the directory token of a scenario is worth nothing afterwards', async () => {
  const access: Access = { origin: app.origin, adminToken: app.adminToken }
  const tenant = await createTenant(access, 'Afterwards')
  const scim = scimClient(app.http, tenant.directoryToken)
  await scim.get('/Users').expect(200)
  await revokeToken(access, tenant)
  await scim.get('/Users').expect(401)
})

test('a service that is not there, or another admin token, is an error that says so', async () => {
  await expect(createTenant({ origin: app.origin, adminToken: 'wrong' }, 'None')).rejects.toThrow(
    /^\/parent-organizations was answered 401: /,
  )
  await expect(createTenant({ origin: 'http://127.0.0.1:1', adminToken: 'x' }, 'None')).rejects.toThrow(
    /^POST http:\/\/127\.0\.0\.1:1\/v1\/parent-organizations: .*ECONNREFUSED/,
  )
})

test('what the first start prints is understood, once all of it is there', () => {
  const origin = 'http://127.0.0.1:40123'
  const message = firstStartMessage({ organizationId: 'o', directoryToken: 'd-1', adminToken: 'a-1' }, origin)
  expect(parseFirstStart(message)).toEqual({ origin, adminToken: 'a-1' })
  expect(parseFirstStart(message.slice(0, message.indexOf('a-1') + 2))).toBeNull()
})

/** The requests of a scenario that are the identity provider's. */
const scimRequests = (scenario: Scenario, played: Played) => {
  const exchanges = scenario.steps.flatMap((step) => step.exchanges)
  return exchangesOf(played).flatMap(({ wire }, i) => (exchanges[i]?.api === 'scim' ? [wire] : []))
}

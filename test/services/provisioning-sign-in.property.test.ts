// Whatever was pushed and whoever signed in before, once everybody has signed in an organization in mode `jit` has the
// members of one in mode `scim` with the same settings (domain.md sections 2 and 6): through HTTP on a real PostgreSQL.

import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rolesOf, seatTypesOf } from '../../src/provisioning/catalogue.ts'
import { startTestApp, type TestApp } from '../support/app.ts'
import type { ModelMapping } from '../support/directory-model.ts'
import { type Administrated, answered, aScene, type Idp } from '../support/provisioning.ts'
import { aPush, groupNames, Play, type Push, userNames } from '../support/pushes.ts'

/** Hundreds of requests: some ten seconds where nothing else runs. */
const SLOW_MACHINE_MS = 180_000

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

const plan = 'enterprise_seats'

const group = fc.constantFrom(...groupNames)
const mapping: fc.Arbitrary<ModelMapping> = fc.oneof(
  fc.record({ group, role: fc.constantFrom(...rolesOf(plan)) }),
  fc.record({ group, seatType: fc.constantFrom(...seatTypesOf(plan)) }),
)
const mappings: fc.Arbitrary<readonly ModelMapping[] | null> = fc.option(
  fc.array(mapping, { minLength: 1, maxLength: 5 }),
  { freq: 5 },
)
const settings: fc.Arbitrary<Push> = fc.record({ kind: fc.constant('settings'), mappings })

/** A sign-in with the groups of an assertion, which are those of the directory, or without. */
const aSignIn = fc.record({
  kind: fc.constant('sign-in'),
  name: fc.constantFrom(...userNames),
  isAsserting: fc.boolean(),
})

const history = fc.record({
  first: settings,
  rest: fc.array(
    fc.oneof(
      { weight: 12, arbitrary: aPush },
      { weight: 1, arbitrary: settings },
      { weight: 6, arbitrary: aSignIn },
    ),
    { minLength: 8, maxLength: 24 },
  ),
})

async function signIn(org: Administrated, idp: Idp, name: string, isAsserting: boolean) {
  if (!isAsserting) return org.signIn(name)
  const found = await answered(idp.scim.get(`/Users?filter=userName eq "${name}@acme.test"`), 200)
  const groups: { value: string }[] = found.body.Resources[0]?.groups ?? []
  return org.signIn(
    name,
    groups.map(({ value }) => value),
  )
}

/** The settings of one organization in another, in mode `jit`. */
async function copySettings(from: Administrated, to: Administrated): Promise<void> {
  const { body } = await answered(from.admin.get(from.path('/provisioning')), 200)
  const held: { groupId: string; role: string | null; seatType: string | null }[] = body.mappings
  const mappings = held.map(({ groupId, role, seatType }) =>
    role === null ? { groupId, seatType: seatType ?? '' } : { groupId, role },
  )
  await to.save({ mode: 'jit', groupMappings: body.groupMappings, mappings })
}

const rolesIn = async (org: Administrated) =>
  new Map((await org.members()).map(({ email, role }) => [email, role]))

test(
  'section 6 once everybody has signed in, jit has the members that scim has',
  async () => {
    await fc.assert(
      fc.asyncProperty(history, async ({ first, rest }) => {
        const { idp, org: scim, join } = await aScene(app, plan)
        const jit = await join(plan)
        const play = new Play(idp, scim)
        for (const name of groupNames) await play.push({ kind: 'group', name, members: [] })
        for (const step of [first, ...rest]) {
          if (step.kind === 'sign-in') await signIn(jit, idp, step.name, step.isAsserting)
          else await play.push(step)
          if (step.kind === 'settings') await copySettings(scim, jit)
        }
        const answers = new Map<string, boolean>()
        for (const [i, name] of userNames.entries()) {
          answers.set(`${name}@acme.test`, (await signIn(jit, idp, name, i % 2 === 0)).allowed)
        }
        const [expected, found] = [await rolesIn(scim), await rolesIn(jit)]
        expect([...found.keys()].sort()).toEqual([...expected.keys()].sort())
        for (const [email, allowed] of answers) expect(allowed).toBe(expected.has(email))
        // with mappings off a role may be of a time when they were on (E2)
        if (play.mappings !== null) expect(found).toEqual(expected)
        const members = await jit.members()
        for (const [seatType, assigned] of Object.entries(await jit.assigned())) {
          expect(members.filter((member) => member.seatType === seatType)).toHaveLength(assigned)
        }
      }),
      { numRuns: 25 },
    )
  },
  SLOW_MACHINE_MS,
)

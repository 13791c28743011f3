// Any sequence of writes, in any order, ends in the same members as one evaluation from scratch: through HTTP on a
// real PostgreSQL, compared with a plain model of the rules, with a save of everybody, and with a recount of seats.

import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PlanName } from '../../src/provisioning/catalogue.ts'
import { rolesOf, seatTypesOf } from '../../src/provisioning/catalogue.ts'
import { startTestApp, type TestApp } from '../support/app.ts'
import type { ModelMapping } from '../support/directory-model.ts'
import { type Administrated, aScene, type ShownMember } from '../support/provisioning.ts'
import { aPush, groupNames, Play, type Push } from '../support/pushes.ts'

/** Hundreds of requests: some ten seconds where nothing else runs. */
const SLOW_MACHINE_MS = 180_000

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

const aPlan = fc.constantFrom<PlanName[]>('enterprise_seats', 'enterprise_usage_single', 'console')

/** Mappings of a plan, or null for mappings off. */
function someMappings(plan: PlanName): fc.Arbitrary<readonly ModelMapping[] | null> {
  const group = fc.constantFrom(...groupNames)
  const role = fc.record({ group, role: fc.constantFrom(...rolesOf(plan)) })
  const seatTypes = seatTypesOf(plan)
  const mapping: fc.Arbitrary<ModelMapping> =
    seatTypes.length < 2
      ? role
      : fc.oneof(role, fc.record({ group, seatType: fc.constantFrom(...seatTypes) }))
  return fc.option(fc.array(mapping, { minLength: 1, maxLength: 5 }), { freq: 5 })
}

function settingsOf(plan: PlanName): fc.Arbitrary<Push> {
  return fc.record({ kind: fc.constant('settings'), mappings: someMappings(plan) })
}

function seatsOf(plan: PlanName): fc.Arbitrary<Push> {
  const count = fc.option(fc.integer({ min: 0, max: 4 }), { freq: 6 })
  const counts = fc.tuple(
    ...seatTypesOf(plan).map((type) => count.map((purchased) => [type, purchased] as const)),
  )
  return counts.map((purchased) => ({ kind: 'seats', purchased: Object.fromEntries(purchased) }))
}

/** Groups and settings first, so that most of what follows is seen by some mapping. */
const aHistory = aPlan.chain((plan) =>
  fc.record({
    plan: fc.constant(plan),
    pushes: fc
      .tuple(
        settingsOf(plan),
        fc.array(
          fc.oneof(
            { weight: 12, arbitrary: aPush },
            { weight: 1, arbitrary: settingsOf(plan) },
            { weight: seatTypesOf(plan).length === 0 ? 0 : 2, arbitrary: seatsOf(plan) },
          ),
          { minLength: 8, maxLength: 24 },
        ),
      )
      .map(([settings, rest]) => [...groupNames.map(emptyGroup), settings, ...rest]),
  }),
)

const emptyGroup = (name: string): Push => ({ kind: 'group', name, members: [] })

const byName = (members: readonly ShownMember[]) =>
  members.map(({ email, ...rest }) => ({ name: email.split('@')[0] ?? '', ...rest }))

/** Seats as they are kept, and as they are counted. */
async function expectCounted(org: Administrated): Promise<void> {
  const members = await org.members()
  for (const [seatType, assigned] of Object.entries(await org.assigned())) {
    expect(members.filter((member) => member.seatType === seatType)).toHaveLength(assigned)
  }
}

test(
  'E9 any sequence of writes ends in the members of the rules, and an evaluation of everybody changes nothing',
  async () => {
    await fc.assert(
      fc.asyncProperty(aHistory, async ({ plan, pushes }) => {
        const { idp, org } = await aScene(app, plan)
        const play = new Play(idp, org)
        for (const push of pushes) await play.push(push)

        const members = byName(await org.members())
        const entitled = play.model.roles(plan, play.mappings)
        expect(members.map(({ name }) => name).sort()).toEqual([...entitled.keys()].sort())
        for (const { name, status, role, seatType, waitsFor } of members) {
          const asked = play.model.mappedSeat(plan, name, play.mappings)
          if (status === 'waiting') expect([role, seatType]).toEqual([null, null])
          // with mappings off a role may be of a time when they were on (E2)
          else if (play.mappings !== null) expect(role).toBe(entitled.get(name))
          if (asked !== null) expect(waitsFor ?? seatType).toBe(asked)
        }
        await expectCounted(org)

        const changes = await play.saveAgain()
        expect(changes).toMatchObject({ added: 0, changed: 0, removed: 0, waiting: 0 })
        expect(byName(await org.members())).toEqual(members)
      }),
      { numRuns: 35 },
    )
  },
  SLOW_MACHINE_MS,
)

test(
  'E4 whatever is written, no seat type has more members than were purchased, and none is free while somebody waits',
  async () => {
    const history = fc
      .record({
        premium: fc.integer({ min: 0, max: 2 }),
        standard: fc.integer({ min: 0, max: 2 }),
        settings: settingsOf('enterprise_seats'),
        pushes: fc.array(
          fc.oneof(
            { weight: 12, arbitrary: aPush },
            { weight: 1, arbitrary: settingsOf('enterprise_seats') },
          ),
          { minLength: 10, maxLength: 24 },
        ),
      })
      .map(({ premium, standard, settings, pushes }) => {
        const purchased = { premium, standard }
        const first: Push[] = [{ kind: 'seats', purchased }, ...groupNames.map(emptyGroup), settings]
        return { purchased, pushes: [...first, ...pushes] }
      })
    await fc.assert(
      fc.asyncProperty(history, async ({ purchased, pushes }) => {
        const { idp, org } = await aScene(app)
        const play = new Play(idp, org)
        for (const push of pushes) {
          await play.push(push)
          if (push.kind === 'group' || push.kind === 'rename') continue
          const assigned = await org.assigned()
          const waiting = (await org.members()).map(({ waitsFor }) => waitsFor)
          for (const [type, count] of Object.entries(purchased)) {
            expect(assigned[type]).toBeLessThanOrEqual(count)
            if ((assigned[type] ?? 0) === count) continue
            expect(waiting).not.toContain(type)
            expect(waiting).not.toContain('any')
          }
        }
        await expectCounted(org)
      }),
      { numRuns: 20 },
    )
  },
  SLOW_MACHINE_MS,
)

/** Writes of which none undoes another: users, groups with members, and who is in which. */
const arrivals = fc
  .record({
    users: fc.array(fc.boolean(), { minLength: 3, maxLength: 6 }),
    pairs: fc.uniqueArray(
      fc.record({
        group: fc.constantFrom(...groupNames),
        member: fc.oneof(
          fc.nat(5).map((i) => `u${i}`),
          fc.constantFrom<string[]>(...groupNames),
        ),
      }),
      { minLength: 4, maxLength: 12, selector: ({ group, member }) => `${group} ${member}` },
    ),
    mappings: someMappings('enterprise_seats'),
  })
  .chain(({ users, pairs, mappings }) => {
    const create = users.map((_, i): Push => ({ kind: 'user', name: `u${i}`, active: true }))
    const later: Push[] = [
      ...pairs.map(({ group, member }): Push => ({ kind: 'add', name: group, members: [member] })),
      ...users.flatMap((active, i): Push[] => (active ? [] : [{ kind: 'user', name: `u${i}`, active }])),
      { kind: 'settings', mappings },
    ]
    const whole = { minLength: later.length, maxLength: later.length }
    return fc.record({
      create: fc.constant([...create, ...groupNames.map(emptyGroup)]),
      one: fc.shuffledSubarray(later, whole),
      other: fc.shuffledSubarray(later, whole),
    })
  })

test(
  'E9 with unlimited seats two directories that get the same writes in another order have the same members',
  async () => {
    await fc.assert(
      fc.asyncProperty(arrivals, async ({ create, one, other }) => {
        const seen = await Promise.all(
          [one, other].map(async (pushes) => {
            const { idp, org } = await aScene(app)
            const play = new Play(idp, org)
            for (const push of [...create, ...pushes]) await play.push(push)
            return org.seen()
          }),
        )
        expect(seen[1]).toEqual(seen[0])
      }),
      { numRuns: 25 },
    )
  },
  SLOW_MACHINE_MS,
)

// S1, S2 on any organization: what the preview says of any settings is what saving them does, person by person, and
// the guard refuses exactly what the preview warns of. Through HTTP on a real PostgreSQL.
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PlanName } from '../../src/provisioning/catalogue.ts'
import { rolesOf, seatTypesOf, topRole } from '../../src/provisioning/catalogue.ts'
import { startTestApp, type TestApp } from '../support/app.ts'
import { type Administrated, answered, aScene, eventsOf, type ShownMember } from '../support/provisioning.ts'
import { aPush, groupNames, Play, type Push } from '../support/pushes.ts'

/** Hundreds of requests: some ten seconds where nothing else runs. */
const SLOW_MACHINE_MS = 180_000

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

const aPlan = fc.constantFrom<PlanName[]>('enterprise_seats', 'enterprise_usage', 'console')

function someSettings(plan: PlanName) {
  const group = fc.constantFrom(...groupNames)
  const role = fc.record({ group, role: fc.constantFrom(...rolesOf(plan)) })
  const seatTypes = seatTypesOf(plan)
  const mapping =
    seatTypes.length < 2
      ? role
      : fc.oneof(role, fc.record({ group, seatType: fc.constantFrom(...seatTypes) }))
  return fc.record({
    mode: fc.constantFrom('scim', 'scim', 'scim', 'manual'),
    groupMappings: fc.boolean(),
    mappings: fc.array(mapping, { maxLength: 4 }),
  })
}

const aHistory = aPlan.chain((plan) =>
  fc.record({
    plan: fc.constant(plan),
    byHand: fc.subarray(['u0', 'u1', 'stranger']),
    purchased: fc.tuple(...seatTypesOf(plan).map(() => fc.option(fc.integer({ min: 0, max: 3 })))),
    first: someSettings(plan),
    pushes: fc.array(aPush, { minLength: 4, maxLength: 14 }),
    second: someSettings(plan),
    isActing: fc.boolean(),
  }),
)

interface Shown {
  readonly userId: string | null
  readonly memberId: string | null
  readonly email: string
  readonly outcome: string
  readonly from: object | null
  readonly to: object | null
}

const standing = (member: ShownMember | undefined) =>
  member === undefined
    ? null
    : {
        status: member.status,
        role: member.role,
        seatType: member.seatType,
        waitsFor: member.waitsFor,
      }

/** Members by whoever they are: the user, else the member. */
async function standings(org: Administrated): Promise<Map<string, ShownMember>> {
  return new Map((await org.members()).map((member) => [member.userId ?? member.id, member]))
}

test(
  'S1 S2 whatever the settings: the preview says what saving does, and warns of what saving refuses',
  async () => {
    const seen = { saved: 0, refused: 0 }
    await fc.assert(
      fc.asyncProperty(aHistory, async ({ plan, byHand, purchased, first, pushes, second, isActing }) => {
        const { idp, org, tenant } = await aScene(app, plan)
        const play = new Play(idp, org)
        for (const name of byHand) await org.add({ email: `${name}@acme.test`, role: topRole(plan) })
        for (const name of groupNames) await play.push({ kind: 'group', name, members: [] } satisfies Push)
        const bought = seatTypesOf(plan).map((type, i) => [type, purchased[i] ?? null])
        if (bought.length > 0) await org.buy(Object.fromEntries(bought))
        const everything = ['no_top_role', 'many_removed'] as const
        await org.save({ ...play.resolve(first), acknowledge: everything })
        for (const push of pushes) await play.push(push)

        const before = await standings(org)
        const actingMember = [...before.values()].find(({ status }) => status === 'active')?.id
        const body = {
          ...play.resolve(second),
          ...(isActing && actingMember !== undefined ? { actingMember } : {}),
        }
        const { etag, counts, warnings, people } = (
          await answered(org.admin.post(org.path('/provisioning:preview?limit=1000'), body), 200)
        ).body
        expect(await standings(org)).toEqual(before)
        const names: string[] = warnings.map(({ name }: { name: string }) => name)
        const save = (acknowledge: string[]) =>
          org.admin.put(org.path('/provisioning'), { ...body, acknowledge }).set('If-Match', etag)

        for (const missing of names) {
          const refused = await answered(save(names.filter((name) => name !== missing)), 409)
          expect(refused.body).toMatchObject({ rule: 'S2', warnings })
          expect(await standings(org)).toEqual(before)
          seen.refused += 1
        }
        const events = (await eventsOf(app, tenant.directoryId)).length
        const saved = await answered(save(names), 200)
        expect(saved.body.changes).toEqual(counts)
        seen.saved += 1

        const shown: Shown[] = people
        const after = await standings(org)
        const told = new Map(shown.map((person) => [person.userId ?? person.memberId, person]))
        for (const [key, { from, to, memberId }] of told) {
          const was = [...before.values()].find(({ id, userId }) => id === memberId || userId === key)
          const is = [...after.values()].find(({ id, userId }) => id === memberId || userId === key)
          expect(from).toEqual(standing(was))
          expect(to).toEqual(standing(is))
          expect(from).not.toEqual(to)
        }
        const silent = (member: ShownMember) =>
          ![...told].some(([key, { memberId }]) => memberId === member.id || key === member.userId)
        const untouched = (members: Map<string, ShownMember>) =>
          [...members.values()]
            .filter(silent)
            .map((member) => [member.id, standing(member)])
            .sort()
        expect(untouched(after)).toEqual(untouched(before))

        const news = (await eventsOf(app, tenant.directoryId)).slice(events)
        expect(news.filter(({ type }) => type.startsWith('member.'))).toHaveLength(told.size)
      }),
      { numRuns: 40 },
    )
    expect(seen.saved).toBeGreaterThan(0)
    expect(seen.refused).toBeGreaterThan(0)
  },
  SLOW_MACHINE_MS,
)

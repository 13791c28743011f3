// Plays a scenario: each request in order, who is a member after it, and whatever is not as the scenario says.
import { isDeepStrictEqual } from 'node:util'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import {
  type Access,
  adminPrefix,
  type Member,
  readMembers,
  readReason,
  type Tenant,
} from './administrator.ts'
import { type Answer, send } from './http.ts'
import {
  type Day,
  type Exchange,
  type Holding,
  type Holdings,
  type IdOf,
  none,
  type Scenario,
  type Step,
  type Wire,
} from './scenario.ts'

export interface Change {
  readonly name: string
  readonly before: Holding
  readonly after: Holding
}

export interface PlayedExchange {
  readonly wire: Wire
  readonly status: number
  /** how many a list answered; null where the answer is no list */
  readonly found: number | null
  readonly changes: readonly Change[]
  /** what is not as the scenario says, in words */
  readonly faults: readonly string[]
}

export interface PlayedStep {
  readonly step: Step
  readonly exchanges: readonly PlayedExchange[]
}

export interface FinalMember {
  readonly name: string
  readonly holding: Holding
  /** null for somebody who is no member */
  readonly member: Member | null
  readonly reason: string
}

export interface Outcome {
  readonly requests: number
  /** what everybody had at the end of each day */
  readonly days: ReadonlyMap<Day, Holdings>
  readonly final: readonly FinalMember[]
  readonly faults: readonly string[]
  /** the ids that the service gave, with what the scenario calls them */
  readonly names: ReadonlyMap<string, string>
}

export interface Audience {
  /** called after each step; `names` are those known by then */
  readonly onStep: (played: PlayedStep, names: ReadonlyMap<string, string>) => void
}

const Created = Type.Object({ id: Type.String() })
const List = Type.Object({
  totalResults: Type.Integer(),
  Resources: Type.Optional(Type.Array(Created)),
})

/** Goes on after a fault; throws only where the service cannot be talked to, or a name has no id. */
export async function play(
  scenario: Scenario,
  access: Access,
  tenant: Tenant,
  { onStep }: Audience,
): Promise<Outcome> {
  const week = new Week(access, tenant, scenario)
  const days = new Map<Day, Holdings>()
  let requests = 0
  for (const step of scenario.steps) {
    const exchanges: PlayedExchange[] = []
    for (const exchange of step.exchanges) exchanges.push(await week.carryOut(exchange))
    requests += exchanges.length
    days.set(step.day, week.holdings)
    onStep({ step, exchanges }, week.names)
  }
  const final = await week.finalMembers()
  return { requests, days, final, faults: week.faults, names: week.names }
}

/** What there is so far: ids, members, faults. */
class Week {
  readonly faults: string[] = []
  readonly names = new Map<string, string>()
  holdings: Holdings
  readonly #access: Access
  readonly #tenant: Tenant
  readonly #scenario: Scenario
  readonly #ids = new Map<string, string>()
  readonly #memberIds = new Map<string, string>()
  #members: ReadonlyMap<string, Member> = new Map()

  constructor(access: Access, tenant: Tenant, scenario: Scenario) {
    this.#access = access
    this.#tenant = tenant
    this.#scenario = scenario
    this.holdings = Object.fromEntries(scenario.people.map((name) => [name, none]))
    this.#ids.set('organization', tenant.organizationId)
    this.names.set(tenant.organizationId, scenario.organization)
  }

  async carryOut({ api, request, expected }: Exchange): Promise<PlayedExchange> {
    const wire = request(this.#idOf)
    const answer = await this.#send(api, wire)
    const faults: string[] = []
    if (answer.status !== expected.status) {
      faults.push(`answered ${answer.status}, not ${expected.status}: ${JSON.stringify(answer.body)}`)
    }
    if (expected.saves !== undefined && Value.Check(Created, answer.body)) {
      this.#remember(expected.saves, answer.body.id)
    }
    if (expected.found !== undefined) faults.push(...this.#wrongList(answer, expected.found))
    const before = this.holdings
    faults.push(...(await this.#readMembers()))
    const changes = changesBetween(before, this.holdings)
    const wanted = changesBetween(before, { ...before, ...expected.members })
    if (!isDeepStrictEqual(changes, wanted)) {
      faults.push(`changed ${inWords(changes)}; expected: ${inWords(wanted)}`)
    }
    this.faults.push(...faults.map((fault) => `${wire.method} ${wire.path}: ${fault}`))
    const found = Value.Check(List, answer.body) ? answer.body.totalResults : null
    return { wire, status: answer.status, found, changes, faults }
  }

  /** Everybody as they are when the week is over, compared with what the scenario says. */
  async finalMembers(): Promise<FinalMember[]> {
    const { people, final } = this.#scenario
    const wanted = { ...Object.fromEntries(people.map((name) => [name, none])), ...final }
    const wrong = changesBetween(wanted, this.holdings)
    this.faults.push(
      ...wrong.map(({ name, before, after }) => `in the end ${name}: ${after}, not: ${before}`),
    )
    return Promise.all(
      Object.entries(this.holdings).map(async ([name, holding]) => ({
        name,
        holding,
        member: this.#members.get(name) ?? null,
        reason: await readReason(this.#access, this.#tenant, this.#idOf(name)),
      })),
    )
  }

  #send(api: Exchange['api'], wire: Wire): Promise<Answer> {
    const { origin, adminToken } = this.#access
    return api === 'admin'
      ? send(adminPrefix(this.#access), adminToken, wire)
      : send(`${origin}/scim/v2`, this.#tenant.directoryToken, wire)
  }

  #wrongList({ body }: Answer, names: readonly string[]): string[] {
    if (!Value.Check(List, body)) return [`the answer is no list: ${JSON.stringify(body)}`]
    const found = (body.Resources ?? []).map(({ id }) => this.names.get(id) ?? id)
    const isRight = body.totalResults === names.length && isDeepStrictEqual(found.sort(), [...names].sort())
    return isRight
      ? []
      : [`found ${body.totalResults} (${found.join(', ')}), not ${names.length} (${names.join(', ')})`]
  }

  /** E8, E12: whoever is a member again, or has a new name, is the same member. */
  async #readMembers(): Promise<string[]> {
    const members = await readMembers(this.#access, this.#tenant)
    const named = members.map((member): [string, Member] => [this.#nameOf(member), member])
    this.#members = new Map(named)
    const everybody = this.#scenario.people.map((name): [string, Holding] => [name, none])
    this.holdings = Object.fromEntries([
      ...everybody,
      ...named.map(([name, member]): [string, Holding] => [name, holdingOf(member)]),
    ])
    return named.flatMap(([name, { id }]) => {
      const known = this.#memberIds.get(name) ?? id
      this.#memberIds.set(name, id)
      return known === id ? [] : [`${name} is another member than before: ${id}, not ${known}`]
    })
  }

  #nameOf({ userId, email }: Member): string {
    return (userId === null ? undefined : this.names.get(userId)) ?? email
  }

  #remember(name: string, id: string): void {
    this.#ids.set(name, id)
    this.names.set(id, name)
  }

  #idOf: IdOf = (name) => {
    const id = this.#ids.get(name)
    if (id === undefined) throw new Error(`The service gave no id for ${name}.`)
    return id
  }
}

export function holdingOf({ status, role, seatType, waitsFor }: Member): Holding {
  if (status === 'waiting') return `waits for ${waitsFor}`
  const held = `${role} on ${seatType}`
  return waitsFor === null ? held : `${held}, waits for ${waitsFor}`
}

function changesBetween(before: Holdings, after: Holdings): Change[] {
  return Object.keys({ ...before, ...after })
    .map((name) => ({ name, before: before[name] ?? none, after: after[name] ?? none }))
    .filter((change) => change.before !== change.after)
}

const inWords = (changes: readonly Change[]) =>
  changes.map(({ name, after }) => `${name}: ${after}`).join('; ') || 'nobody'

// A push of thousands of requests, which goes on wherever it was interrupted. It keeps what was acknowledged of each
// person: that must be there, whatever was killed since.
import type { Dispatcher } from 'undici'
import type { Figures } from './figures.ts'
import type { FaultyPostgres } from './postgres.ts'
import { requireStatus, type Scene } from './scene.ts'
import type { Sender } from './sender.ts'

/** A person as the directory has it, in short. */
type State = string

interface Step {
  readonly method: Dispatcher.HttpMethod
  path(id: string): string
  body(id: string): object | undefined
  readonly after: State
}

interface Person {
  readonly userName: string
  readonly steps: readonly Step[]
  id: string
  /** how many steps were acknowledged */
  done: number
  /** the next one was sent, and nobody knows what came of it */
  isUncertain: boolean
}

export class Push {
  readonly #people: readonly Person[]
  readonly #waiting: Person[]

  /** People `{name}-0@acme.test` and so on, each in one of the scene's groups. */
  constructor(scene: Scene, name: string, count: number) {
    this.#people = Array.from({ length: count }, (_, i) => {
      const userName = `${name}-${i}@acme.test`
      const groupId = scene.groupIds[i % scene.groupIds.length] ?? ''
      return { userName, steps: stepsOf(userName, i, groupId), id: '', done: 0, isUncertain: false }
    })
    this.#waiting = [...this.#people]
  }

  get isDone(): boolean {
    return this.#waiting.length === 0
  }

  /** How many steps were acknowledged. */
  get done(): number {
    return this.#people.reduce((sum, { done }) => sum + done, 0)
  }

  /** So many workers push one person after the other, until all is there or `isOver`. */
  async run(sender: Sender, workers: number, isOver: () => boolean = () => false): Promise<void> {
    const work = async () => {
      for (let person = this.#waiting.shift(); person !== undefined; person = this.#waiting.shift()) {
        await this.#go(sender, person, isOver)
        if (person.done < person.steps.length) this.#waiting.unshift(person)
        if (isOver()) return
      }
    }
    await Promise.all(Array.from({ length: workers }, work))
  }

  async #go(sender: Sender, person: Person, isOver: () => boolean): Promise<void> {
    for (let step = person.steps[person.done]; step !== undefined; step = person.steps[person.done]) {
      const wasUncertain = person.isUncertain
      person.isUncertain = true
      const { method } = step
      const result = await sender.insist(method, step.path(person.id), step.body(person.id), isOver)
      if (result === null) return
      const { answer, isRepeated } = result
      const isAgain = wasUncertain || isRepeated
      if (answer.status === 409 && method === 'POST' && isAgain) {
        const found = await this.#find(sender, person, isOver)
        if (found === null) return
        person.id = found
      } else if (!(answer.status === 404 && method === 'DELETE' && isAgain)) {
        requireStatus(answer, 200, 201, 204)
        if (method === 'POST') person.id = String(answer.body.id)
      }
      person.done += 1
      person.isUncertain = false
    }
  }

  /** What identity providers do with a user that is there already: they look it up. */
  async #find(sender: Sender, { userName }: Person, isOver: () => boolean): Promise<string | null> {
    const filter = encodeURIComponent(`userName eq "${userName}"`)
    const found = await sender.insist('GET', `/scim/v2/Users?filter=${filter}`, undefined, isOver)
    if (found === null) return null
    const id = /"id":"([0-9a-f-]+)"/.exec(JSON.stringify(requireStatus(found.answer, 200).body))?.[1]
    if (id === undefined) throw new Error(`${userName} is there already, and is not found.`)
    return id
  }

  /** Compares what was acknowledged with what is there; only while nothing is being sent. */
  async check(postgres: FaultyPostgres, database: string, figures: Figures): Promise<void> {
    const rows = await postgres.query<{ user_name: string; title: string; active: boolean; joined: boolean }>(
      database,
      `SELECT user_name, resource->>'title' AS title, active, EXISTS (SELECT FROM user_memberships m
         WHERE m.directory_id = u.directory_id AND m.user_id = u.id) AS joined FROM users u`,
    )
    const found = new Map(rows.map((row) => [row.user_name, inShort(row.title, row.active, row.joined)]))
    for (const { userName, steps, done, isUncertain } of this.#people) {
      const state = found.get(userName) ?? NOBODY
      const states = [NOBODY, ...steps.map(({ after }) => after)]
      const allowed = [states[done], ...(isUncertain ? [states[done + 1]] : [])]
      if (allowed.includes(state)) continue
      const text = `${userName}: ${state}, not ${allowed.join(' or ')}`
      if (states.slice(0, done).includes(state)) figures.lost.push(text)
      else figures.inconsistencies.push(text)
    }
  }
}

const NOBODY: State = 'not there'
const inShort = (title: string, active: boolean, isInGroup: boolean): State =>
  `${title}, ${active ? 'active' : 'inactive'}, ${isInGroup ? 'in the group' : 'in no group'}`

const patch = (operation: object) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: [operation],
})

/** Created, into a group, given a title; some switched off, some on again, some deleted. */
function stepsOf(userName: string, i: number, groupId: string): Step[] {
  const user = (id: string) => `/scim/v2/Users/${id}`
  const set = (value: object, after: State): Step => ({
    method: 'PATCH',
    path: user,
    body: () => patch({ op: 'replace', value }),
    after,
  })
  const steps: Step[] = [
    {
      method: 'POST',
      path: () => '/scim/v2/Users',
      body: () => ({ userName, externalId: userName, title: 'first', emails: [{ value: userName }] }),
      after: inShort('first', true, false),
    },
    {
      method: 'PATCH',
      path: () => `/scim/v2/Groups/${groupId}`,
      body: (id) => patch({ op: 'add', path: 'members', value: [{ value: id }] }),
      after: inShort('first', true, true),
    },
    set({ title: 'second' }, inShort('second', true, true)),
  ]
  if (i % 3 === 0) steps.push(set({ active: false }, inShort('second', false, true)))
  if (i % 6 === 0) steps.push(set({ active: true }, inShort('second', true, true)))
  if (i % 10 === 9) steps.push({ method: 'DELETE', path: user, body: () => undefined, after: NOBODY })
  return steps
}

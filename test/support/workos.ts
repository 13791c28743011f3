// WorkOS as it sends: events with the ids and times that it would give them, signed, one request for each.
import { createHmac } from 'node:crypto'
import { adminClient, type Tenant, type TestApp } from './app.ts'
import { answered } from './provisioning.ts'

/** Not a real one, and nothing like a real one. */
export const SIGNING_SECRET = 'example-signing-secret-one'

export const signatureOf = (body: string, secret = SIGNING_SECRET, at = Date.now()): string =>
  `t=${at}, v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`

/** The moment of the first event of a scenario; each later one is a second on. */
const BEGIN = Date.UTC(2026, 0, 5, 8)
export const timeOf = (second: number): string => new Date(BEGIN + second * 1000).toISOString()

type Fields = Readonly<Record<string, unknown>>

export interface WorkosEventBody {
  readonly id: string
  readonly event: string
  readonly data: Fields
  readonly created_at: string
}

/** Writes down what happens in a WorkOS directory, as the events that tell it, in order. */
export class WorkosDirectory {
  readonly id: string
  readonly events: WorkosEventBody[] = []
  #second = 0
  readonly #objects = new Map<string, Fields>()
  readonly #members = new Set<string>()

  constructor(id = 'directory_01EXAMPLE') {
    this.id = id
  }

  activate(): void {
    this.#tell('dsync.activated', { object: 'directory', id: this.id, state: 'active' })
  }

  /** Everybody is gone; what the groups were called stays known, as Rollcall keeps them. */
  disconnect(): void {
    for (const id of this.userIds()) this.#objects.delete(id)
    this.#members.clear()
    this.#tell('dsync.deleted', { object: 'directory', id: this.id, state: 'deleting' })
  }

  /** An active user `{name}@acme.test` with the id `directory_user_{name}`. */
  user(name: string, fields: Fields = {}): string {
    const id = `directory_user_${name}`
    this.#make('user', id, {
      idp_id: `idp-${name}`,
      username: `${name}@acme.test`,
      email: `${name}@acme.test`,
      first_name: name,
      last_name: 'Example',
      state: 'active',
      ...fields,
    })
    return id
  }

  group(name: string, fields: Fields = {}): string {
    const id = `directory_group_${name}`
    this.#make('group', id, { idp_id: `idp-${name}`, name, ...fields })
    return id
  }

  /** New values of fields of a user or group. */
  change(id: string, fields: Fields): void {
    const object = { ...this.#get(id), ...fields, updated_at: this.#next() }
    this.#objects.set(id, object)
    this.#tell(`dsync.${kindOf(id)}.updated`, object)
  }

  remove(id: string): void {
    this.#tell(`dsync.${kindOf(id)}.deleted`, this.#get(id))
    this.#objects.delete(id)
    for (const pair of this.#members) if (pair.split(' ').includes(id)) this.#members.delete(pair)
  }

  add(groupId: string, userId: string): void {
    this.#members.add(`${groupId} ${userId}`)
    this.#membership('user_added', groupId, userId)
  }

  drop(groupId: string, userId: string): void {
    this.#members.delete(`${groupId} ${userId}`)
    this.#membership('user_removed', groupId, userId)
  }

  userIds(): string[] {
    return [...this.#objects.keys()].filter((id) => kindOf(id) === 'user')
  }

  groupIds(): string[] {
    return [...this.#objects.keys()].filter((id) => kindOf(id) === 'group')
  }

  /** What it comes to: of several users or groups with one name, the one that was made last. */
  byNames() {
    const users = this.#youngest(this.userIds(), 'username')
    const groups = this.#youngest(this.groupIds(), 'name')
    return {
      users: [...users.values()].map(({ username, first_name, state }) => ({
        userName: username,
        givenName: first_name,
        active: state === 'active',
      })),
      groups: [...groups].map(([groupId, { name }]) => ({
        displayName: name,
        members: [...users].flatMap(([userId, { username }]) =>
          this.#members.has(`${groupId} ${userId}`) ? [username] : [],
        ),
      })),
    }
  }

  /** In the order of their names. */
  #youngest(ids: readonly string[], name: string): Map<string, Fields> {
    const named = new Map<unknown, string>()
    for (const id of ids) named.set(this.#get(id)[name], id)
    const sorted = [...named].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
    return new Map(sorted.map(([, id]) => [id, this.#get(id)]))
  }

  #membership(event: string, groupId: string, userId: string): void {
    const data = { directory_id: this.id, user: this.#get(userId), group: this.#get(groupId) }
    this.#tell(`dsync.group.${event}`, data)
  }

  #make(kind: 'user' | 'group', id: string, fields: Fields): void {
    const now = this.#next()
    const object = {
      object: `directory_${kind}`,
      id,
      directory_id: this.id,
      created_at: now,
      updated_at: now,
    }
    this.#objects.set(id, { ...object, raw_attributes: {}, custom_attributes: {}, ...fields })
    this.#tell(`dsync.${kind}.created`, this.#get(id))
  }

  #get(id: string): Fields {
    const object = this.#objects.get(id)
    if (object === undefined) throw new Error(`WorkOS has no ${id}.`)
    return object
  }

  #next(): string {
    this.#second += 1
    return timeOf(this.#second)
  }

  #tell(event: string, data: Fields): void {
    const at = this.#next()
    const id = `event_${this.id.slice('directory_'.length)}_${String(this.events.length).padStart(6, '0')}`
    this.events.push({ id, event, data, created_at: at })
  }
}

const kindOf = (id: string): 'user' | 'group' => (id.startsWith('directory_user_') ? 'user' : 'group')

/** A connection of a tenant's directory, and what WorkOS sends to it. */
export class WorkosEndpoint {
  readonly #app: Pick<TestApp, 'http'>
  readonly connectionId: string

  constructor(app: Pick<TestApp, 'http'>, connectionId: string) {
    this.#app = app
    this.connectionId = connectionId
  }

  /** The answer to a body, signed unless said otherwise. */
  post(body: unknown, signature?: string | null) {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const request = this.#app.http
      .post(`/webhooks/workos/${this.connectionId}`)
      .set('Content-Type', 'application/json')
    const header = signature === undefined ? signatureOf(text) : signature
    return (header === null ? request : request.set('WorkOS-Signature', header)).send(text)
  }

  /** Sends events one after the other; what came of each. */
  async send(events: readonly WorkosEventBody[]): Promise<string[]> {
    const outcomes: string[] = []
    for (const event of events) outcomes.push((await answered(this.post(event), 200)).body.outcome)
    return outcomes
  }
}

export async function connectWorkos(
  app: TestApp,
  { directoryId }: Pick<Tenant, 'directoryId'>,
  workosDirectoryId: string | null = null,
): Promise<WorkosEndpoint> {
  const created = await answered(
    adminClient(app).post(`/directories/${directoryId}/workos-connections`, {
      name: 'WorkOS',
      workosDirectoryId,
      signingSecret: SIGNING_SECRET,
    }),
    201,
  )
  return new WorkosEndpoint(app, created.body.id)
}

/** The directory by names: users with what WorkOS says of them, groups with their members. */
export async function directoryByNames({ scim }: Pick<Tenant, 'scim'>) {
  const users = (await answered(scim.get('/Users?count=1000&sortBy=userName'), 200)).body.Resources
  const groups = (await answered(scim.get('/Groups?count=1000&sortBy=displayName'), 200)).body.Resources
  const names = new Map<string, string>(
    users.map(({ id, userName }: { id: string; userName: string }) => [id, userName]),
  )
  return {
    users: users.map(({ id: _id, meta: _meta, groups: _groups, ...attributes }: Fields) => attributes),
    groups: groups.map(
      ({ displayName, members = [] }: { displayName: string; members?: { value: string }[] }) => ({
        displayName,
        members: members.map(({ value }) => names.get(value)).sort(),
      }),
    ),
  }
}

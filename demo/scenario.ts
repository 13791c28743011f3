// What a scenario says: its steps, the requests of each, and what must come of them.

export const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const
export type Day = (typeof days)[number]

/** A request as it goes over the wire; `path` begins after the API's prefix. */
export interface Wire {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: object
}

/** The id that the service gave to what a scenario calls by this name. Throws where it gave none. */
export type IdOf = (name: string) => string

/** `none`, or what somebody has: `admin on standard`, `waits for standard`, `user on standard, waits for premium`. */
export type Holding = string
export const none: Holding = 'no member'

/** People by name. Who is not mentioned must be as before; in the end: must be no member. */
export type Holdings = Readonly<Record<string, Holding>>

export interface Expected {
  readonly status: number
  /** the name under which the id of the answer is remembered */
  readonly saves?: string
  /** the names of exactly those that the list answered must hold */
  readonly found?: readonly string[]
  /** the people whom this request changes, and what they have then; nobody else may change */
  readonly members?: Holdings
}

export interface Exchange {
  readonly api: 'scim' | 'admin'
  readonly request: (idOf: IdOf) => Wire
  readonly expected: Expected
}

export interface Step {
  readonly day: Day
  /** what happens, in words */
  readonly says: string
  readonly exchanges: readonly Exchange[]
}

export interface Scenario {
  readonly title: string
  readonly organization: string
  readonly people: readonly string[]
  readonly steps: readonly Step[]
  /** who is a member when the week is over, with which role on which seat */
  readonly final: Holdings
}

/** A person as an identity provider knows them. */
export interface Account {
  readonly externalId: string
  readonly userName: string
  readonly givenName: string
  readonly familyName: string
}

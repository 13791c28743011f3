// One input of the fuzzing: a request whose ids are places, filled in when it is sent. So inputs are made without
// knowing the service, and the same seed makes the same ones.

export interface Ask {
  readonly method: string
  /** from the origin, with the query, encoded */
  readonly path: string
  readonly body?: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  /** signed as WorkOS does when it is sent */
  readonly isSigned?: boolean
  /** a POST that changes nothing, as every GET */
  readonly readsOnly?: boolean
  /** the cursor of the query: none that was given, but made as the service makes them */
  readonly forged?: ForgedCursor
}

export interface ForgedCursor {
  readonly bound: 'after' | 'notBefore' | 'before' | 'notAfter'
  readonly id: string
  readonly key: string | null
}

/** What came back; null: nothing did. */
export interface Got {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

export const placeKinds = [
  'user',
  'group',
  'member',
  'org',
  'parent',
  'directory',
  'directoryToken',
  'adminToken',
  'endpoint',
  'connection',
  'secret',
  // what may be deleted as a whole, and what may not: the inputs after it would meet nothing
  'spareOrg',
  'spareParent',
  'workos',
  'urn',
  'seq',
  'cursor',
] as const
export type PlaceKind = (typeof placeKinds)[number]

/** The place of an id of the kind: of characters that neither URLs nor JSON write in another way. */
export const place = (kind: PlaceKind, index: number): string => `~${kind}.${index}~`

const PLACE = /~([a-zA-Z]+)\.(\d+)~/g

/** The text with ids for places; of a kind that there is none of, the place stays. */
export const filled = (text: string, idOf: (kind: string, index: number) => string | undefined): string =>
  text.replace(PLACE, (whole, kind: string, index: string) => idOf(kind, Number(index)) ?? whole)

/** As part of a URL; half of a surrogate pair has no place in one. */
export const encoded = (text: string): string => encodeURIComponent(text.toWellFormed())

/** The query; what is undefined is left out. */
export function queryOf(parameters: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${encoded(name)}=${encoded(value)}`],
  )
  return given.length === 0 ? '' : `?${given.join('&')}`
}

/** Changes nothing, whatever is answered. */
export const isRead = ({ method, readsOnly }: Ask): boolean =>
  readsOnly === true || ['GET', 'HEAD', 'OPTIONS'].includes(method)

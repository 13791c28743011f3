// Which problems (RFC 9457) a route can answer with, by what kind of route it is.

/** No valid token; a fault of the service; the database is out. */
const ofEveryRoute = [401, 500, 503]
/** What the parser says of bodies, whether the route takes one or not; and a rule or what is there says no. */
const ofEveryWrite = [400, 409, 413, 415]

export interface RouteKind {
  readonly method: string
  readonly path: string
  /** in small letters */
  readonly headers: readonly string[]
}

export function problemStatuses({ method, path, headers }: RouteKind): readonly number[] {
  return [
    400,
    ...ofEveryRoute,
    ...(path.includes('{') ? [404] : []),
    ...(method === 'GET' ? [] : ofEveryWrite),
    ...(headers.includes('if-match') ? [412] : []),
  ]
}

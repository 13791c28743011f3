// Which problems (RFC 9457) a route can answer with, by what kind of route it is.

/** A value that does not fit; no valid token; a limited one; too many; a fault of the service; the database is out. */
const ofEveryRoute = [400, 401, 403, 429, 500, 503]
/** Nothing has this id, or the id is too long for any. */
const ofPathsWithIds = [404, 414]
/** What is there or a rule says no; the parser says it of bodies, whether the route takes one or not. */
const ofWrites = [409, 413, 415]
/** The Idempotency-Key was another request's. */
const ofPosts = [422]
/** The version is another. */
const ofIfMatch = [412]

export interface RouteKind {
  readonly method: string
  readonly path: string
  /** the request's headers that the route names, in small letters */
  readonly headers: readonly string[]
}

export function problemStatuses({ method, path, headers }: RouteKind): readonly number[] {
  return [
    ...ofEveryRoute,
    ...(path.includes('{') ? ofPathsWithIds : []),
    ...(method === 'GET' ? [] : ofWrites),
    ...(method === 'POST' ? ofPosts : []),
    ...(headers.includes('if-match') ? ofIfMatch : []),
  ]
}

// What an operation is called in the document, by its method and path, so that no route has to say it.

/** Parts of an organization or a directory that have a heading of their own. */
const tagOfPart: Readonly<Record<string, string>> = {
  provisioning: 'Settings',
  members: 'Members',
  people: 'Members',
  'primary-owner': 'Members',
  'sign-ins': 'Sign-in',
  'held-removals': 'Held removals',
  erasures: 'Erasure',
  waiting: 'Members',
  sync: 'Sync',
  'workos-connections': 'WorkOS',
}

/** The heading under which a path stands: of its part, else its first segment. */
export function tagOf(path: string): string {
  const [first = '', , part = ''] = segmentsOf(path)
  const own = tagOfPart[part.replace(/:.*/, '')]
  if (own !== undefined) return own
  return first === 'parent-organizations' ? 'Organizations' : capital(first.replaceAll('-', ' '))
}

const verbs: Readonly<Record<string, string>> = { PUT: 'put', PATCH: 'update' }

/**
 * `GET /organizations/{id}/members` is listOrganizationMembers, with `/{memberId}` getOrganizationMember. What stands
 * after a colon is the verb, and so is what is posted to that is no list: `POST …/provisioning:preview` is
 * previewOrganizationProvisioning, `POST /organizations/{id}/sync` syncOrganization.
 */
export function operationIdOf(method: string, path: string): string {
  const [plainPath = '', action] = path.split(':')
  const segments = segmentsOf(plainPath)
  const last = segments.at(-1) ?? ''
  const names = segments.filter((segment) => !isParameter(segment))
  const isList = !isParameter(last) && singular(last) !== last
  if (method === 'POST' && action === undefined) {
    return isList ? named('create', names.map(singular)) : named(last, names.slice(0, -1).map(singular))
  }
  const whole = names.map((name, i) => (i === names.length - 1 && isList ? name : singular(name)))
  return named(
    action ?? (method === 'GET' && isList ? 'list' : (verbs[method] ?? method.toLowerCase())),
    whole,
  )
}

const named = (verb: string, words: readonly string[]): string =>
  [verb, ...words].flatMap((word) => word.split('-')).reduce((id, word) => `${id}${capital(word)}`)

const segmentsOf = (path: string): string[] => path.split('/').filter((segment) => segment !== '')
const isParameter = (segment: string): boolean => segment.startsWith('{')
const capital = (word: string): string => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`

function singular(word: string): string {
  if (word === 'people') return 'person'
  return word.endsWith('ies') ? `${word.slice(0, -3)}y` : word.replace(/s$/, '')
}

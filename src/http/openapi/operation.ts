// What an operation is called in the document, by its method and path, so that no route has to say it.

/** Parts of an organization that have a heading of their own. */
const tagOfPart: Readonly<Record<string, string>> = {
  provisioning: 'Settings',
  members: 'Members',
  people: 'Members',
  'primary-owner': 'Members',
  'sign-ins': 'Sign-in',
}

/** The heading under which a path stands: its part of an organization, else its first segment. */
export function tagOf(path: string): string {
  const [first = '', , part = ''] = segmentsOf(path)
  const own = first === 'organizations' ? tagOfPart[part.replace(/:.*/, '')] : undefined
  if (own !== undefined) return own
  return first === 'parent-organizations' ? 'Organizations' : capital(first.replaceAll('-', ' '))
}

const verbs: Readonly<Record<string, string>> = { POST: 'create', PUT: 'put', PATCH: 'update' }

/**
 * `GET /organizations/{id}/members` is listOrganizationMembers, with `/{memberId}` getOrganizationMember; what stands
 * after a colon is the verb: `…/provisioning:preview` is previewOrganizationProvisioning.
 */
export function operationIdOf(method: string, path: string): string {
  const [plainPath = '', action] = path.split(':')
  const segments = segmentsOf(plainPath)
  const names = segments.filter((segment) => !isParameter(segment))
  const last = segments.at(-1) ?? ''
  const isList = method === 'GET' && !isParameter(last) && singular(last) !== last
  const isWhole = !isParameter(last) && (method !== 'POST' || action !== undefined)
  const words = names.map((name, i) => (isWhole && i === names.length - 1 ? name : singular(name)))
  const verb = action ?? (isList ? 'list' : (verbs[method] ?? method.toLowerCase()))
  return [verb, ...words].flatMap((word) => word.split('-')).reduce((id, word) => `${id}${capital(word)}`)
}

const segmentsOf = (path: string): string[] => path.split('/').filter((segment) => segment !== '')
const isParameter = (segment: string): boolean => segment.startsWith('{')
const capital = (word: string): string => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`

function singular(word: string): string {
  if (word === 'people') return 'person'
  return word.endsWith('ies') ? `${word.slice(0, -3)}y` : word.replace(/s$/, '')
}

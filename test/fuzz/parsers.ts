// The pure functions that read what clients send, without the service around them: many more inputs in the same time.
// Each gives a value or throws a ScimError; anything else that is thrown would be a 500.
import fc from 'fast-check'
import { isId } from '../../src/ids.ts'
import { parseBulk } from '../../src/scim/bulk.ts'
import { planBulk } from '../../src/scim/bulk-order.ts'
import { type CursorQuery, parseCursor } from '../../src/scim/cursor.ts'
import { ScimError } from '../../src/scim/errors.ts'
import { parseFilter } from '../../src/scim/filter.ts'
import { foldAttributes } from '../../src/scim/fold.ts'
import { matches } from '../../src/scim/match.ts'
import { applyPatch } from '../../src/scim/patch.ts'
import { parsePatch } from '../../src/scim/patch-body.ts'
import { parsePath } from '../../src/scim/path.ts'
import { parseProjection } from '../../src/scim/project.ts'
import type { Json } from '../../src/scim/resource.ts'
import { parseSchemaDocument, SchemaFault } from '../../src/scim/schema-document.ts'
import { groupType } from '../../src/scim/schemas/group.ts'
import { userType } from '../../src/scim/schemas/user.ts'
import { parseSearchRequest } from '../../src/scim/search-request.ts'
import { parseSort } from '../../src/scim/sort.ts'
import { parseResource } from '../../src/scim/validate.ts'
import { silent, userOf } from '../support/protocol.ts'
import { anyPatchBody, json, users } from '../support/scim-bodies.ts'
import type { Figures } from './figures.ts'
import { withFault } from './inputs/faults.ts'
import { filterTexts, nameTexts } from './inputs/searches.ts'
import { hostile, nearly } from './inputs/texts.ts'
import { bulks, pathTexts } from './inputs/writes.ts'

interface Parser {
  readonly name: string
  readonly weight: number
  readonly calls: fc.Arbitrary<{ readonly input: unknown; readonly call: () => unknown }>
}

const parser = <T>(
  name: string,
  weight: number,
  inputs: fc.Arbitrary<T>,
  call: (input: T) => unknown,
): Parser => ({
  name,
  weight,
  calls: inputs.map((input) => ({ input, call: () => call(input) })),
})

const held = userOf({
  userName: 'anna',
  emails: [
    { value: 'a@x', type: 'work', primary: true },
    { value: 'b@x', type: 'home' },
  ],
})
const folded = foldAttributes(held, userType)

const cursorQuery: CursorQuery = {
  directoryId: 'd',
  baseUrl: 'https://rollcall.test/scim/v2',
  targets: [{ type: 'User', filter: null, sort: parseSort('userName', undefined, userType) }],
}
/** With a fingerprint that everything has, so that what stands in a cursor is read. */
const print = 'a'.repeat(22)
const tools = { now: new Date(0), fingerprint: () => print, isId }
const contents: fc.Arbitrary<Json> = fc.oneof(
  json,
  fc.tuple(
    fc.constantFrom(1, 1, 1, 2, '1'),
    fc.constantFrom(0, 0, 0, -90_000, 1e300, 'x'),
    fc.constantFrom('after', 'before', 'notAfter', 'toString'),
    fc.oneof(fc.constant('0190a1b2-c3d4-7e5f-8a9b-000000000001'), hostile),
    fc.oneof(hostile, fc.constant(null)),
  ),
)
const cursors = contents.map((content) => print + Buffer.from(JSON.stringify(content)).toString('base64url'))

const schemaDocument: fc.Arbitrary<Json> = fc.constant({
  id: 'urn:example:hr:2.0:User',
  name: 'Hr',
  attributes: [
    { name: 'badge', type: 'string', uniqueness: 'server' },
    { name: 'desk', type: 'complex', multiValued: true, subAttributes: [{ name: 'floor', type: 'integer' }] },
  ],
})

const resources = fc.oneof(users, withFault(users), json)

const parsers: readonly Parser[] = [
  parser('parseFilter', 4, filterTexts, (text) => matches(parseFilter(text, userType), folded)),
  parser('parsePath', 3, fc.oneof(pathTexts(userType), nearly(pathTexts(userType))), (text) =>
    parsePath(text, userType),
  ),
  parser('parsePath of groups', 1, pathTexts(groupType), (text) => parsePath(text, groupType)),
  parser('parsePatch, applyPatch', 2, fc.oneof(anyPatchBody, withFault(anyPatchBody)), (body) =>
    applyPatch(held, parsePatch(body, userType, silent), userType, silent),
  ),
  parser('parseResource', 2, resources, (body) =>
    foldAttributes(parseResource(body, userType, silent), userType),
  ),
  parser('parseBulk, planBulk', 1, fc.oneof(bulks, withFault(bulks)), (body) =>
    planBulk(parseBulk(body, silent).operations),
  ),
  parser('parseSearchRequest', 1, json, parseSearchRequest),
  parser('parseSort', 1, nameTexts, (text) => parseSort(text, undefined, userType, [groupType])),
  parser(
    'parseProjection',
    1,
    fc.array(nameTexts).map((list) => list.join(',')),
    (text) => parseProjection(text, undefined, userType),
  ),
  parser('parseCursor', 1, fc.oneof(cursors, hostile), (text) => parseCursor(text, cursorQuery, tools)),
  parser('parseSchemaDocument', 1, fc.oneof(withFault(schemaDocument), json), parseSchemaDocument),
]

const SAMPLES = 100

/** Gives what was wrong. */
export function runParsers(runs: number, seed: number, until: number, figures: Figures): string[] {
  const faults: string[] = []
  let done = 0
  for (let round = 0; done < runs; round += 1) {
    for (const { name, weight, calls } of parsers) {
      const sample = fc.sample(calls, { numRuns: SAMPLES * weight, seed: seed * 1000 + round })
      for (const { input, call } of sample) {
        if (done === runs || performance.now() > until) return faults
        done += 1
        const begin = performance.now()
        const outcome = outcomeOf(call)
        figures.count(name, outcome.name, performance.now() - begin, JSON.stringify(input) ?? '')
        if (outcome.fault !== null) faults.push(`${name}: ${outcome.fault}\n    ${JSON.stringify(input)}`)
      }
    }
  }
  return faults
}

function outcomeOf(call: () => unknown): { readonly name: string; readonly fault: string | null } {
  try {
    call()
    return { name: 'read', fault: null }
  } catch (error) {
    if (error instanceof SchemaFault) return { name: 'fault', fault: null }
    if (!(error instanceof ScimError)) return { name: 'thrown', fault: String(error) }
    const { status, scimType } = error
    const isRefusal = status >= 400 && status < 500 && (status !== 400 || scimType !== null)
    return { name: scimType ?? String(status), fault: isRefusal ? null : `${status} ${scimType}` }
  }
}

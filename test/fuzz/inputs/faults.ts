// JSON with one fault: somewhere in it a value is another, is missing, is there twice, or has another name.
import fc from 'fast-check'
import type { Json } from '../../../src/scim/resource.ts'
import { isObject } from '../../../src/scim/resource.ts'
import { json } from '../../support/scim-bodies.ts'
import { hostile } from './texts.ts'

const wrong: fc.Arbitrary<Json> = fc.oneof(
  json,
  hostile,
  fc.constantFrom<Json>(null, [], {}, [[]], [null], '', 0, -1, 1e308, true, { value: null }),
  fc.integer({ min: 2, max: 120 }).map((depth) => nested(depth)),
)

const nested = (depth: number): Json =>
  depth === 0 ? 'deep' : depth % 2 === 0 ? [nested(depth - 1)] : { value: nested(depth - 1) }

interface Fault {
  readonly kind: 'value' | 'missing' | 'name' | 'twice' | 'more'
  readonly at: number
  readonly value: Json
  readonly name: string
}

const fault: fc.Arbitrary<Fault> = fc.record({
  kind: fc.constantFrom('value', 'value', 'missing', 'name', 'twice', 'more'),
  at: fc.nat(10_000),
  value: wrong,
  name: hostile,
})

export const withFault = (value: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  fc.tuple(value, fault).map(([whole, each]) => {
    const places = countOf(whole)
    return placed(whole, each, { left: each.at % places })
  })

const countOf = (value: Json): number =>
  1 + childrenOf(value).reduce((sum, [, child]) => sum + countOf(child), 0)

function childrenOf(value: Json): [string, Json][] {
  return typeof value === 'object' && value !== null ? Object.entries<Json>(value) : []
}

/** Copies the value; where the count has come to its end, with the fault. */
function placed(value: Json, made: Fault, count: { left: number }): Json {
  if (count.left === 0) {
    count.left -= 1
    return faulty(value, made)
  }
  count.left -= 1
  if (Array.isArray(value)) return value.map((each: Json) => placed(each, made, count))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, placed(held, made, count)]))
}

function faulty(value: Json, { kind, value: other, name, at }: Fault): Json {
  if (kind === 'value' || typeof value !== 'object' || value === null) return other
  if (Array.isArray(value)) {
    if (kind === 'missing') return value.slice(1)
    return kind === 'twice' ? [...value, ...value] : [...value, other]
  }
  const entries = Object.entries<Json>({ ...value })
  const chosen = entries[entries.length === 0 ? 0 : at % entries.length]
  if (chosen === undefined || kind === 'more') return Object.fromEntries([...entries, [name, other]])
  const rest = entries.filter((entry) => entry !== chosen)
  if (kind === 'missing') return Object.fromEntries(rest)
  const renamed = kind === 'name' ? name : chosen[0].toUpperCase()
  return Object.fromEntries([...(kind === 'twice' ? entries : rest), [renamed, chosen[1]]])
}

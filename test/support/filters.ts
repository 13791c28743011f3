// Generated filters (RFC 7644 section 3.4.2.2) in the normal form of scim/filter.ts, and the text of a filter.
import fc from 'fast-check'
import type { CompareOperator, Filter, FilterValue } from '../../src/scim/filter.ts'
import { foldText } from '../../src/scim/fold.ts'
import { type Attribute, coreAttributes, type ResourceType } from '../../src/scim/schema.ts'

/** An attribute and where its values are in a document. */
export interface Field {
  readonly path: readonly string[]
  readonly attribute: Attribute
}

/** Values to compare a field with; `path` is that from the resource, also inside of value paths. */
export type Literals = (path: readonly string[], attribute: Attribute) => fc.Arbitrary<FilterValue>

/** Strings that trip up quoting, LIKE, case folding, JSON and the order of code points. */
export const awkwardStrings = [
  'a',
  'A',
  'ab',
  'aB',
  'b',
  'work',
  'Work',
  'home',
  '100%',
  '100',
  'a_b',
  'axb',
  'a\\b',
  '\\',
  '%',
  '_',
  '"quoted"',
  "it's",
  "'; DROP TABLE users; --",
  '$1',
  'Ünï',
  'ÜNÏ',
  'ß',
  'İ',
  'ΑΣ',
  'é',
  'e\u0301',
  '\ud83d\ude00',
  '\ud83d\ude00b',
  '\uffee',
  '\ue000',
  ' ',
  'a b',
  'a]b',
  '(and)',
  'and',
  'null',
  'true',
  '5',
  '{}',
  '\n',
  '\t\u0001',
]

/** Every attribute of the type that can be searched. */
export function fieldsOf(type: ResourceType): Field[] {
  const core = coreAttributes(type).map((attribute) => ({ path: [attribute.name], attribute }))
  const extended = type.extensions.flatMap(({ schema }) =>
    schema.attributes.map((attribute) => ({ path: [schema.id, attribute.name], attribute })),
  )
  return [...core, ...extended].filter(({ attribute }) => attribute.returned !== 'never')
}

/** Any filter on resources of the type. */
export function filters(type: ResourceType, literals: Literals): fc.Arbitrary<Filter> {
  return trees(fc.oneof(...fieldsOf(type).map((field) => conditions(field, literals))), 2)
}

/** Any filter inside of a value path of the attribute. */
export function elementFilters({ path, attribute }: Field, literals: Literals): fc.Arbitrary<Filter> {
  const parts = (attribute.subAttributes ?? []).map((part) =>
    leaves({ path: [part.name], attribute: part }, literals([...path, part.name], part)),
  )
  return trees(fc.oneof(...parts), 2)
}

function conditions(field: Field, literals: Literals): fc.Arbitrary<Filter> {
  const { path, attribute } = field
  if (attribute.multiValued) {
    const filter =
      attribute.type === 'complex'
        ? elementFilters(field, literals)
        : comparisons({ path: [], attribute }, literals(path, attribute))
    return fc.oneof(
      {
        weight: 8,
        arbitrary: filter.map((inside): Filter => ({ kind: 'any', path, attribute, filter: inside })),
      },
      { weight: 1, arbitrary: fc.constant<Filter>({ kind: 'any', path, attribute, filter: null }) },
    )
  }
  if (attribute.type !== 'complex') return leaves(field, literals(path, attribute))
  const parts = (attribute.subAttributes ?? []).map((part) => {
    const at = [...path, part.name]
    return leaves({ path: at, attribute: part }, literals(at, part))
  })
  return fc.oneof(...parts, fc.constant<Filter>({ kind: 'present', path, attribute }))
}

const leaves = (field: Field, literal: fc.Arbitrary<FilterValue>): fc.Arbitrary<Filter> =>
  fc.oneof(
    { weight: 6, arbitrary: comparisons(field, literal) },
    { weight: 1, arbitrary: fc.constant<Filter>({ kind: 'present', ...field }) },
  )

const comparisons = ({ path, attribute }: Field, literal: fc.Arbitrary<FilterValue>): fc.Arbitrary<Filter> =>
  fc.record({ operator: fc.constantFrom(...operatorsOf(attribute)), literal }).map(
    (given): Filter => ({
      kind: 'compare',
      path,
      attribute,
      ...given,
      value: typeof given.literal === 'string' ? foldText(given.literal, attribute) : given.literal,
    }),
  )

function operatorsOf({ type }: Attribute): readonly CompareOperator[] {
  if (type === 'boolean' || type === 'binary') return ['eq', 'ne']
  if (type === 'string' || type === 'reference') {
    return ['eq', 'eq', 'eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le']
  }
  return ['eq', 'ne', 'gt', 'ge', 'lt', 'le']
}

function trees(leaf: fc.Arbitrary<Filter>, depth: number): fc.Arbitrary<Filter> {
  if (depth === 0) return leaf
  const inner = trees(leaf, depth - 1)
  const group = fc.record({
    kind: fc.constantFrom('and' as const, 'or' as const),
    filters: fc.array(inner, { minLength: 2, maxLength: 3 }),
  })
  return fc.oneof(
    { weight: 4, arbitrary: leaf },
    { weight: 3, arbitrary: group.map(flattened) },
    { weight: 1, arbitrary: inner.map((filter): Filter => ({ kind: 'not', filter })) },
  )
}

function flattened({ kind, filters }: { kind: 'and' | 'or'; filters: Filter[] }): Filter {
  return { kind, filters: filters.flatMap((filter) => (filter.kind === kind ? filter.filters : [filter])) }
}

/** How a filter is written: names and keywords, string literals, blanks where the grammar needs none. */
export interface Style {
  readonly word: (word: string) => string
  readonly string: (text: string) => string
}

export const plain: Style = { word: (word) => word, string: (text) => JSON.stringify(text) }

/** Every other way to write the same, as chosen by the bits, again and again. */
export function styleOf(bits: readonly boolean[]): Style {
  let at = 0
  const next = () => bits[at++ % bits.length] ?? false
  return {
    word: (word) => (next() ? word.toUpperCase() : word),
    string: (text) => (next() ? `"${[...text].map(escaped).join('')}"` : JSON.stringify(text)),
  }
}

const escaped = (character: string): string =>
  Array.from({ length: character.length }, (_, i) => {
    return `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`
  }).join('')

/** The text of a filter. */
export function printed(filter: Filter, style: Style = plain): string {
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const parts = filter.filters.map((part) =>
        isGroup(part) ? `(${printed(part, style)})` : printed(part, style),
      )
      return parts.join(` ${style.word(filter.kind)} `)
    }
    case 'not':
      return `${style.word('not')} (${printed(filter.filter, style)})`
    case 'present':
      return `${style.word(nameOf(filter.path))} ${style.word('pr')}`
    case 'compare':
      return `${style.word(nameOf(filter.path))} ${comparison(filter, style)}`
    case 'any':
      return printedAny(filter, style)
  }
}

function printedAny({ path, filter }: Extract<Filter, { kind: 'any' }>, style: Style): string {
  const name = style.word(nameOf(path))
  if (filter === null) return `${name} ${style.word('pr')}`
  if (filter.kind === 'compare' && filter.path.length === 0) return `${name} ${comparison(filter, style)}`
  return `${name}[${printed(filter, style)}]`
}

const isGroup = ({ kind }: Filter): boolean => kind === 'and' || kind === 'or'

const comparison = ({ operator, literal }: Extract<Filter, { kind: 'compare' }>, style: Style): string =>
  `${style.word(operator)} ${typeof literal === 'string' ? style.string(literal) : style.word(String(literal))}`

function nameOf(path: readonly string[]): string {
  const [first = '', ...rest] = path
  return first.includes(':') ? `${first}:${rest.join('.')}` : path.join('.')
}

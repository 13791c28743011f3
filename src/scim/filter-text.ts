// The text of a filter, made fit for scim2-parse-filter (RFC 7644 section 3.4.2.2, scim.md section 1).
// One pass checks the grammar and replaces every attribute name and every value by a placeholder: `n0 eq "0"`.
// So the library never sees escapes, `$ref`, `True`, negative numbers or deep nesting, which it gets wrong; what
// it is left with is the precedence of and, or, not, and value paths.
import { invalidFilter } from './errors.ts'

/** The longest filter: the library's tokenizer takes quadratic time. */
export const MAX_FILTER_LENGTH = 8000

/** The most parentheses and brackets open at once: the library is recursive. */
export const MAX_FILTER_DEPTH = 50

export type FilterValue = string | number | boolean | null

/** `text` has `n0`, `n1` … for `names[0]`, `names[1]` …, and `"0"`, `"1"` … for `values[0]`, `values[1]` … */
export interface MendedFilter {
  readonly text: string
  readonly names: readonly string[]
  readonly values: readonly FilterValue[]
}

interface Token {
  readonly text: string
  readonly start: number
}

/** What may come next. */
type Expected = 'condition' | 'group' | 'bracketOrOperator' | 'operator' | 'value' | 'suffix' | 'conjunction'

interface Draft {
  readonly parts: string[]
  readonly names: string[]
  readonly values: FilterValue[]
  /** what closes the parentheses and brackets that are open */
  readonly open: string[]
}

const compareOperators = new Set(['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'])

/** Checks the grammar of a filter and gives it in the form for the library. Throws invalidFilter. */
export function mendFilter(source: string): MendedFilter {
  if (source.length > MAX_FILTER_LENGTH) {
    throw invalidFilter(`The filter has ${source.length} characters; ${MAX_FILTER_LENGTH} are allowed.`)
  }
  const draft: Draft = { parts: [], names: [], values: [], open: [] }
  let expected: Expected = 'condition'
  for (const token of tokensOf(source)) expected = steps[expected](token, draft)
  if (expected !== 'conjunction' && expected !== 'suffix') {
    throw invalidFilter(`The filter ends where ${expectation[expected]} must follow.`)
  }
  const missing = draft.open.at(-1)
  if (missing !== undefined) throw invalidFilter(`The filter lacks a closing "${missing}".`)
  return { text: draft.parts.join(' '), names: draft.names, values: draft.values }
}

/** A piece of a client's text for an error: short, in quotes, and with control characters escaped. */
export const quoted = (text: string): string =>
  JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)

/** String literals, brackets, and words between them. The alternatives exclude each other: no backtracking. */
function* tokensOf(source: string): Generator<Token> {
  const pattern = /"(?:[^"\\]|\\.)*"|[()[\]]|[^\s"()[\]]+/suy
  const blanks = /\s*/uy
  for (let at = 0; ; ) {
    blanks.lastIndex = at
    blanks.test(source)
    at = blanks.lastIndex
    if (at >= source.length) return
    pattern.lastIndex = at
    const text = pattern.exec(source)?.[0]
    if (text === undefined)
      throw invalidFilter(`The string at character ${at + 1} of the filter does not end.`)
    yield { text, start: at }
    at += text.length
  }
}

const expectation: Record<Expected, string> = {
  condition: 'an attribute, "not" or "("',
  group: '"(" after not',
  bracketOrOperator: 'an operator',
  operator: 'an operator',
  value: 'a value',
  suffix: '"and", "or" or the end',
  conjunction: '"and", "or" or the end',
}

/** One step for each thing that may come: takes the token, writes the draft, and says what may follow. */
const steps: Record<Expected, (token: Token, draft: Draft) => Expected> = {
  condition: (token, draft) => {
    if (token.text === '(') return open(token, draft, ')')
    if (!isWord(token)) return fail(token, 'condition')
    if (token.text.toLowerCase() !== 'not') return addName(token.text, draft, 'bracketOrOperator')
    draft.parts.push('not')
    return 'group'
  },
  group: (token, draft) => (token.text === '(' ? open(token, draft, ')') : fail(token, 'group')),
  bracketOrOperator: (token, draft) =>
    token.text === '[' ? open(token, draft, ']') : steps.operator(token, draft),
  operator: (token, draft) => {
    const operator = token.text.toLowerCase()
    if (!compareOperators.has(operator) && operator !== 'pr') return fail(token, 'operator')
    draft.parts.push(operator)
    return operator === 'pr' ? 'conjunction' : 'value'
  },
  value: (token, draft) => {
    draft.parts.push(`"${draft.values.length}"`)
    draft.values.push(literalOf(token))
    return 'conjunction'
  },
  suffix: (token, draft) => {
    if (!token.text.startsWith('.')) return steps.conjunction(token, draft)
    draft.parts.splice(-1, 1, '].')
    return addName(token.text.slice(1), draft, 'operator')
  },
  conjunction: (token, draft) => {
    const word = token.text.toLowerCase()
    if (word === ')' || word === ']') return close(token, draft)
    if (word !== 'and' && word !== 'or') return fail(token, 'conjunction')
    draft.parts.push(word)
    return 'condition'
  },
}

function fail(token: Token, expected: Expected): never {
  throw invalidFilter(
    `The filter has ${quoted(token.text)} at character ${token.start + 1}, where ${expectation[expected]} must be.`,
  )
}

function addName(name: string, draft: Draft, next: Expected): Expected {
  draft.parts.push(`n${draft.names.length}`)
  draft.names.push(name)
  return next
}

function open(token: Token, draft: Draft, closing: string): Expected {
  if (draft.open.length >= MAX_FILTER_DEPTH) {
    throw invalidFilter(
      `The filter is nested more than ${MAX_FILTER_DEPTH} deep at character ${token.start + 1}.`,
    )
  }
  draft.parts.push(token.text)
  draft.open.push(closing)
  return 'condition'
}

function close(token: Token, draft: Draft): Expected {
  if (draft.open.pop() !== token.text) {
    throw invalidFilter(`The "${token.text}" at character ${token.start + 1} of the filter closes nothing.`)
  }
  draft.parts.push(token.text)
  return token.text === ']' ? 'suffix' : 'conjunction'
}

const isWord = ({ text }: Token): boolean => !/^["()[\]]/.test(text)

/** The value of a literal by the rules of JSON; `True`, `NULL` and the like in any case (scim.md section 1). */
function literalOf(token: Token): FilterValue {
  if (!isWord(token)) return token.text.startsWith('"') ? stringOf(token) : fail(token, 'value')
  switch (token.text.toLowerCase()) {
    case 'true':
      return true
    case 'false':
      return false
    case 'null':
      return null
  }
  const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[-+]?\d+)?$/i.test(token.text)
    ? Number(token.text)
    : Number.NaN
  if (Number.isFinite(number)) return number
  throw invalidFilter(
    `${quoted(token.text)} at character ${token.start + 1} of the filter is no value: text needs double quotes.`,
  )
}

function stringOf(token: Token): string {
  try {
    return String(JSON.parse(token.text))
  } catch {
    throw invalidFilter(
      `The string at character ${token.start + 1} of the filter is not JSON: a backslash is written as \\\\.`,
    )
  }
}

// No ReDoS: each regular expression that a client's input may meet takes time linear in its length, whatever the input.
// recheck proves it of the expression: it builds the automaton of a backtracking matcher and looks for an input that
// makes it go back. So nothing is timed, and a new expression is looked at without being named here.
import { checkSync } from 'recheck'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startTestApp, type TestApp } from './support/app.ts'
import { isNode, type Node, type Tree, treeOf, trees } from './support/syntax.ts'

/** What never reads what a client sent, with why. Everything else is held to a linear bound. */
const elsewhere: Readonly<Record<string, string>> = {
  'config.ts': 'the environment, which the operator writes',
  'logger.ts': 'the stack and the name of an error, which JavaScript and libraries write',
  'store/embedded/': 'file names, the output of programs and /proc on the machine of the service',
}

interface Expression {
  readonly file: string
  readonly source: string
  readonly flags: string
}

const isElsewhere = ({ file }: Expression): boolean =>
  Object.keys(elsewhere).some((place) => file === place || (place.endsWith('/') && file.startsWith(place)))

/** Literals, and what `new RegExp` and `RegExp` are given. */
function expressionsIn({ name, text, nodes }: Tree): Expression[] {
  return nodes.flatMap((node) => {
    if (node.type === 'Literal' && isPattern(node.regex)) {
      return [{ file: name, source: node.regex.pattern, flags: node.regex.flags }]
    }
    return isMade(node) ? [{ file: name, source: madeOf(node, text), flags: 'made' }] : []
  })
}

const isPattern = (value: unknown): value is { readonly pattern: string; readonly flags: string } =>
  typeof value === 'object' && value !== null && 'pattern' in value && 'flags' in value

const isMade = ({ type, callee }: Node): boolean =>
  (type === 'NewExpression' || type === 'CallExpression') && isNode(callee) && callee.name === 'RegExp'

const madeOf = ({ start, end }: Node, text: string): string => text.slice(start, end)

/**
 * With `+` for `{2,100}`, which a matcher can go more ways through and never fewer: what is linear then is so with its
 * bounds, and the automaton stays small. Short repetitions stay what they are.
 */
const widened = (source: string): string =>
  source.replace(/\{\d+(?:,(\d+))?\}/g, (bounds, most = '0') => (Number(most) > 20 ? '+' : bounds))

/** What is wrong with the expression; null where its time is linear. */
function faultOf({ file, source, flags }: Expression): string | null {
  const found = checkSync(widened(source), flags.replace(/[gy]/g, ''), { checker: 'automaton' })
  if (found.status === 'safe') return null
  const why = found.status === 'vulnerable' ? found.complexity.summary : found.error.kind
  return `${file}: /${source}/${flags}: ${why}`
}

/** Patterns of the schemas of the admin API, which the validation makes expressions of. */
function patternsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, held]) =>
    key === 'pattern' && typeof held === 'string' ? [held] : patternsIn(held),
  )
}

const PROOF_TIMEOUT_MS = 120_000

let app: TestApp
beforeAll(async () => {
  // not the programs for some platforms that it brings along
  vi.stubEnv('RECHECK_BACKEND', 'pure')
  app = await startTestApp()
})
afterAll(() => app.close())

const all = trees().flatMap(expressionsIn)

describe('regular expressions', () => {
  test('of the source are linear, wherever a client may send what they read', {
    timeout: PROOF_TIMEOUT_MS,
  }, () => {
    const held = all.filter((each) => each.flags !== 'made' && !isElsewhere(each))
    expect(held.length).toBeGreaterThan(40)
    expect(held.flatMap((each) => faultOf(each) ?? [])).toEqual([])
  })

  test('of the schemas of the admin API are linear', { timeout: PROOF_TIMEOUT_MS }, async () => {
    const patterns = [...new Set(patternsIn((await app.http.get('/v1/openapi.json')).body))]
    expect(patterns.length).toBeGreaterThan(5)
    expect(patterns.flatMap((source) => faultOf({ file: 'openapi.json', source, flags: 'u' }) ?? [])).toEqual(
      [],
    )
  })

  test('are literals: made of text is only what is a constant, which the schemas of the admin API have too', () => {
    expect(
      all.filter(({ flags }) => flags === 'made').map(({ file, source }) => `${file}: ${source}`),
    ).toEqual(['http/admin/settings-history.ts: new RegExp(VERSION)'])
  })

  test('places that are left out are there', () => {
    const unused = Object.keys(elsewhere).filter((place) => !all.some(({ file }) => file.startsWith(place)))
    expect(unused).toEqual([])
  })

  test('that go back are found, also those that are made', () => {
    const tree = treeOf('example.ts', 'const a = /(a|a)*b/; const b = new RegExp(text); const c = "/(a+)+/"')
    const [first, made, ...more] = expressionsIn(tree)
    expect(more).toEqual([])
    expect(made).toMatchObject({ flags: 'made', source: 'new RegExp(text)' })
    expect(first === undefined ? null : faultOf(first)).toMatch(/exponential/)
    expect(faultOf({ file: 'x.ts', source: '\\s+$', flags: 'g' })).toMatch(/polynomial/)
  })
})

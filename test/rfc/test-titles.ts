// The tests of a file, read from its source: what stands in a comment or in a string is no test.

export interface FoundTest {
  /** the titles of the describes around it, then its own, as Vitest prints them: `a > b > c` */
  readonly title: string
}

export interface TestFile {
  readonly tests: readonly FoundTest[]
  /** what keeps tests from running, or hides them from this reading, e.g. `.skip`, `xtest` */
  readonly held: readonly string[]
}

interface Token {
  readonly kind: 'name' | 'text' | 'sign'
  readonly text: string
}

const NAME = /[\p{ID_Start}$_][\p{ID_Continue}$]*/uy
const NUMBER = /\d[\w.]*/y
const SPACE = /\s+|\/\/.*|\/\*[\s\S]*?\*\//y
const STRING = /'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"/y
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y
const SIGN = /=>|[\s\S]/y

/** After one of these a slash divides; anywhere else it begins a regular expression. */
const ENDS_A_VALUE = /^(?:[\w$)\]}]|\p{ID_Continue})$/u
const BEFORE_A_VALUE = new Set(['return', 'typeof', 'case', 'in', 'of', 'await', 'yield', 'throw', 'void'])

export function tokensOf(source: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = at
    const found = pattern.exec(source)?.[0] ?? null
    if (found !== null) at += found.length
    return found
  }
  while (at < source.length) {
    if (take(SPACE) !== null) continue
    const name = take(NAME)
    if (name !== null) {
      tokens.push({ kind: 'name', text: name })
      continue
    }
    const string = take(STRING)
    if (string !== null) {
      tokens.push({ kind: 'text', text: string.slice(1, -1).replace(/\\([\s\S])/g, '$1') })
      continue
    }
    if (source[at] === '`') {
      const end = endOfTemplate(source, at)
      tokens.push({ kind: 'text', text: source.slice(at + 1, end - 1) })
      at = end
      continue
    }
    if (source[at] === '/' && mayBeginValue(tokens.at(-1)) && take(REGEX) !== null) {
      tokens.push({ kind: 'text', text: '' })
      continue
    }
    tokens.push({ kind: 'sign', text: take(NUMBER) ?? take(SIGN) ?? '' })
  }
  return tokens
}

function mayBeginValue(before: Token | undefined): boolean {
  if (before === undefined) return true
  if (before.kind === 'name') return BEFORE_A_VALUE.has(before.text)
  return before.kind === 'sign' && !ENDS_A_VALUE.test(before.text.slice(-1))
}

/** Where the template literal that begins at `start` ends; what is in `${…}` may hold templates and strings again. */
function endOfTemplate(source: string, start: number): number {
  let at = start + 1
  while (at < source.length && source[at] !== '`') {
    if (source[at] === '\\') at += 2
    else if (source.startsWith('${', at)) at = endOfSubstitution(source, at + 2)
    else at += 1
  }
  return at + 1
}

function endOfSubstitution(source: string, start: number): number {
  let at = start
  for (let depth = 1; depth > 0 && at < source.length; ) {
    STRING.lastIndex = at
    const string = STRING.exec(source)?.[0]
    if (string !== undefined) at += string.length
    else if (source[at] === '`') at = endOfTemplate(source, at)
    else {
      if (source[at] === '{') depth += 1
      if (source[at] === '}') depth -= 1
      at += 1
    }
  }
  return at
}

const HOLDING = new Set(['skip', 'only', 'todo', 'fails', 'skipIf', 'runIf'])
/** Vitest knows tests by these names too: one kept from running, or one that is not read here. */
const OTHER_NAMES = new Set(['it', 'fit', 'xit', 'xtest', 'suite', 'xdescribe', 'fdescribe'])

export function readTestFile(source: string): TestFile {
  const tokens = tokensOf(source)
  const isSign = (at: number, text: string) => tokens[at]?.kind === 'sign' && tokens[at].text === text
  const tests: FoundTest[] = []
  const held: string[] = []
  const around: { title: string; depth: number; from: number }[] = []
  let depth = 0
  for (const [at, { kind, text }] of tokens.entries()) {
    if (isSign(at, '(')) depth += 1
    if (isSign(at, ')')) {
      depth -= 1
      // the table of a describe.each comes before the parenthesis that holds its tests
      for (let last = around.at(-1); last && last.depth > depth && at > last.from; last = around.at(-1)) {
        around.pop()
      }
    }
    if (kind !== 'name') continue
    const isMember = isSign(at - 1, '.')
    if (HOLDING.has(text) && (isMember || isSign(at + 1, ':'))) held.push(`${isMember ? '.' : ''}${text}`)
    if (isMember) continue
    if (text === 'skip' && isSign(at + 1, '(')) held.push('skip()')
    if (OTHER_NAMES.has(text) && (isSign(at + 1, '(') || isSign(at + 1, '.'))) held.push(text)
    if (text !== 'test' && text !== 'describe') continue
    const call = callOf(tokens, at + 1)
    const title = call === null ? undefined : tokens[call + 1]
    if (call === null || title?.kind !== 'text') continue
    if (text === 'describe') around.push({ title: title.text, depth: depth + 1, from: call })
    else tests.push({ title: [...around.map((each) => each.title), title.text].join(' > ') })
  }
  return { tests, held }
}

/** Where the `(` is that takes the title: after `.each(…)` and the like, and after type arguments. */
function callOf(tokens: readonly Token[], from: number): number | null {
  let at = from
  let takesTable = false
  while (at < tokens.length) {
    const sign = tokens[at]?.kind === 'sign' ? tokens[at]?.text : ''
    if (sign === '.') {
      takesTable = tokens[at + 1]?.text === 'each' || tokens[at + 1]?.text === 'for'
      at += 2
    } else if (sign === '<') at = closing(tokens, at, '<', '>')
    else if (sign !== '(') return null
    else if (!takesTable) return at
    else {
      takesTable = false
      at = closing(tokens, at, '(', ')')
    }
  }
  return null
}

/** The place after the sign that closes the one at `from`. */
function closing(tokens: readonly Token[], from: number, open: string, close: string): number {
  let depth = 0
  for (let at = from; at < tokens.length; at += 1) {
    if (tokens[at]?.kind !== 'sign') continue
    if (tokens[at]?.text === open) depth += 1
    if (tokens[at]?.text === close) depth -= 1
    if (depth === 0) return at + 1
  }
  return tokens.length
}

// docs/conformance.md, held to the tests: each test that it names is there and runs, and its tables are the data.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseRequirement, readRequirements } from './rfc/requirements.ts'
import { readDocument, withTables } from './rfc/table.ts'
import { readTestFile, type TestFile } from './rfc/test-titles.ts'

const root = resolve(import.meta.dirname, '..')

/** Every test file that Vitest runs, by its path from the root of the repository. */
const testFiles = new Map<string, TestFile>(
  readdirSync(import.meta.dirname, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [relative(root, path), readTestFile(readFileSync(path, 'utf8'))]),
)

const rfcs = readRequirements()
const rows = rfcs.flatMap(({ requirements }) => requirements)

describe('the rows', () => {
  test('no two have one id, and those of an RFC stand in the order of its sections', () => {
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
    const place = (section: string) => section.split('.').map((part) => part.padStart(3, '0'))
    for (const { requirements } of rfcs) {
      const places = requirements.map(({ section }) => place(section).join('.'))
      expect(places).toEqual([...places].sort())
    }
  })

  test('each test that they name is in that file', () => {
    const missing = rows.flatMap(({ id, tests }) =>
      tests
        .filter(({ file, title }) => !testFiles.get(file)?.tests.some((found) => found.title === title))
        .map(({ file, title }) => `${id}: ${file} has no test "${title}"`),
    )
    expect(missing).toEqual([])
  })

  const row = { id: '1-2.3-4', section: '2.3', level: 'MUST', requirement: 'X.', answer: 'deviates: y' }

  test.each([
    [{ ...row, answer: undefined }, 'answer must be'],
    [{ ...row, answer: 'because' }, 'of no known kind'],
    [{ ...row, answer: '' }, 'answer must be'],
    [{ ...row, level: 'MAY' }, 'MAY is no level'],
    [{ ...row, id: '1-2.4-4' }, 'does not say that it is of RFC 1 section 2.3'],
    [{ ...row, tests: [] }, 'tests must be a list of tests'],
    [{ ...row, tests: [{ file: 'x' }] }, 'a file and a title'],
    [{ ...row, tset: [] }, 'tset is no field'],
    [(({ answer, ...rest }) => rest)(row), 'neither tests nor an answer'],
    ['x', 'id must be a text'],
  ])('%j is none: %s', (given, error) => {
    expect(() => parseRequirement(given, '1')).toThrow(error)
    expect(parseRequirement(row, '1')).toMatchObject({ tests: [], answer: { kind: 'deviates', text: 'y' } })
  })
})

test('no test of the repository is skipped, singled out or still to be written', () => {
  expect(testFiles.size).toBeGreaterThan(50)
  expect([...testFiles].filter(([, { tests }]) => tests.length === 0).map(([file]) => file)).toEqual([])
  // the short form of the fault suite leaves out what its long form plays, and says what a machine cannot play
  const files = [...testFiles].filter(([file]) => !file.startsWith('test/faults/'))
  expect(files.flatMap(([file, { held }]) => held.map((each) => `${file}: ${each}`))).toEqual([])
})

describe('the document', () => {
  test('has the tables that the data give: npm run conformance:table writes them', () => {
    expect(readDocument()).toBe(withTables(rfcs, readDocument()))
  })

  test('a table that was changed by hand, or whose place is gone, is seen', () => {
    const document = readDocument()
    const [first] = rows
    expect(document).toContain(`| ${first?.id} | `)
    const changed = document.replace(`| ${first?.id} | MUST`, `| ${first?.id} | SHOULD`)
    expect(changed).not.toBe(document)
    expect(withTables(rfcs, changed)).toBe(document)
    const placeless = document.replace('<!-- end requirements -->', '')
    expect(() => withTables(rfcs, placeless)).toThrow('<!-- end requirements -->')
  })

  test('what is above the tables is left as it is', () => {
    expect(readDocument()).toContain('## Test suites and clients that we did not write\n')
    const ours = readDocument().replace('# Conformance', '# Conformance, by hand')
    expect(withTables(rfcs, ours)).toBe(ours)
  })
})

describe('reading a test file', () => {
  const titles = (source: string) => readTestFile(source).tests.map(({ title }) => title)
  const held = (source: string) => readTestFile(source).held

  test.each<[string, string, string[]]>([
    ['a test', `test('a', () => {})`, ['a']],
    [
      'in describes',
      `describe('a', () => { describe("b", () => { test('c') }) \n test('d') })`,
      ['a > b > c', 'a > d'],
    ],
    ['beside a describe', `describe('a', () => { test('b', (x) => x()) })\ntest('c')`, ['a > b', 'c']],
    ['a table', `test.each([[1, (2)], f('x')])('a %s', () => {})`, ['a %s']],
    ['a table with types', `test.each<[string, () => Map<A, B>]>([\n])('a', () => {})`, ['a']],
    ['a table of describes', `describe.each(kinds)('a $b', () => { test('c') })`, ['a $b > c']],
    ['quotes in a title', `test('it\\'s "x"', () => {})`, [`it's "x"`]],
    ['a template', `test(\`\${MAX} of \${f(\`x\`)} (\`, () => {})`, [`\${MAX} of \${f(\`x\`)} (`]],
    ['signs in texts', `const x = [')', "(", \`)\${')'}\`]\ndescribe('a', () => { test('b') })`, ['a > b']],
    ['signs in patterns', `const x = /[/)]\\/(/g.test(y)\ndescribe('a', () => { test('b') })`, ['a > b']],
    ['division', `const x = (a) / b / c\ntest('a')`, ['a']],
    ['a comment to the end of the line', `// test('a')\ntest('b') // test('c')`, ['b']],
    ['a comment over lines', `/* test('a')\n test('b') */ test('c')`, ['c']],
    ['in a text', `const x = "test('a')"; const y = \`test('b')\``, []],
    ['a method of that name', `pattern.test('a'); x.describe('b', () => test('c'))`, ['c']],
    ['no title', `test(name, () => {})`, []],
  ])('%s', (_what, source, expected) => expect(titles(source)).toEqual(expected))

  test.each([
    [`test.skip('a')`, ['.skip']],
    [`describe.only('a', () => test.todo('b'))`, ['.only', '.todo']],
    [`test.skipIf(isSlow)('a')`, ['.skipIf']],
    [`test.concurrent.skip.each([1])('a')`, ['.skip']],
    [`test('a', { skip: true }, () => {})`, ['skip']],
    [`test('a', ({ skip }) => skip())`, ['skip()']],
    [`test('a', (context) => context.skip())`, ['.skip']],
    [`it('a'); xtest('b'); suite('c', () => {})`, ['it', 'xtest', 'suite']],
    [`// test.skip('a')\nconst only = 'test.only'; test('b', () => expect(only))`, []],
  ])('what is held back is seen: %s', (source, expected) => expect(held(source)).toEqual(expected))
})

// What `npm run conformance` makes of the outcomes of the suites, without running one; and that the document says it.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseChecks } from '../conformance/checks.ts'
import { withSection } from '../conformance/document.ts'
import type { Outcome } from '../conformance/play.ts'
import type { Check, Suite } from '../conformance/suite.ts'
import { suites } from '../conformance/suites.ts'
import { answerLines, faultsOf, table } from '../conformance/verdict.ts'

const suite: Suite = {
  name: 'probe',
  package: 'PyPI probe 1.0',
  about: 'all',
  runtime: ['python3'],
  files: [],
  install: [],
  run: () => ['probe'],
  parse: parseChecks,
  answers: { known: 'On purpose.' },
}
const passed: Check = { name: 'fine', status: 'passed', detail: '' }
const known: Check = { name: 'known', status: 'failed', detail: 'got 204' }
const skipped: Check = { name: 'skipped', status: 'other', detail: 'no agents' }
const played = (outcome: Outcome) => ({ suite, outcome })
const ran = (...checks: Check[]) => played({ kind: 'ran', checks })

test('a finding with an answer is no fault; one without, or an answer without its finding, is', () => {
  expect(faultsOf(ran(passed, known))).toEqual([])
  expect(faultsOf(ran(passed, known, skipped))).toEqual(['probe: "skipped" has no answer.'])
  expect(faultsOf(ran(passed))).toEqual(['probe: "known" has an answer, and is no finding any more.'])
})

test('a suite that broke is a fault; one whose runtime is missing is not', () => {
  expect(faultsOf(played({ kind: 'broken', why: 'pip ended with 1' }))).toEqual([
    'probe could not run: pip ended with 1',
  ])
  expect(faultsOf(played({ kind: 'not run', lacks: 'python3' }))).toEqual([])
})

test('the table counts, and says what was not run', () => {
  const rows = table([ran(passed, known, skipped, passed), played({ kind: 'not run', lacks: 'python3' })])
  expect(rows.split('\n').slice(2)).toEqual([
    '| probe | PyPI probe 1.0 | all | 2 | 1 | 1 |',
    '| probe | PyPI probe 1.0 | all | not run: no python3 | – | – |',
  ])
})

test('each finding is told with what the suite says and with our answer', () => {
  expect(answerLines(ran(passed, known, skipped)).join('\n')).toBe(
    [
      'FAILED probe: known',
      '  it says: got 204',
      '  answer:  On purpose.',
      'OTHER probe: skipped',
      '  it says: no agents',
      '  answer:  NONE',
    ].join('\n'),
  )
})

test('a driver prints checks, between other lines; none at all, or another JSON, is no result', () => {
  expect(parseChecks(`warning: old\n${JSON.stringify(known)}\n`)).toEqual([known])
  expect(() => parseChecks('Traceback')).toThrow('no check')
  expect(() => parseChecks('{"name":"x","status":"green","detail":""}')).toThrow('what is no check')
})

test('the section replaces what was between the marks, and nothing else', () => {
  const marks = ['<!-- npm run conformance -- --docs writes from here -->', '<!-- to here -->'] as const
  const document = `# Title\n${marks[0]}\nold\n${marks[1]}\nend`
  const written = withSection(document, [ran(known)])
  expect(written).toMatch(
    /^# Title\n<!--[\s\S]*“known” \(failed\): On purpose\.[\s\S]*<!-- to here -->\nend$/,
  )
  expect(written).not.toContain('old')
  expect(withSection(written, [ran(known)])).toBe(written)
  expect(() => withSection('# Title', [])).toThrow('lacks')
})

const document = readFileSync(new URL('../docs/conformance.md', import.meta.url), 'utf8')

test.each(suites.map((one) => [one.name, one] as const))(
  'docs/conformance.md answers for %s',
  (_name, one) => {
    expect(document).toContain(`| ${one.name} | ${one.package} | ${one.about} |`)
    for (const [name, answer] of Object.entries(one.answers)) {
      expect(document).toContain(`“${name}”`)
      expect(document).toContain(`: ${answer}`)
    }
  },
)

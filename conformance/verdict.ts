// What came of all suites, for people and as data; what is a fault and what has an answer.
import type { Outcome } from './play.ts'
import type { Check, Suite } from './suite.ts'

export interface Played {
  readonly suite: Suite
  readonly outcome: Outcome
}

export interface Finding extends Check {
  /** null: nobody has answered it, which is a fault */
  readonly answer: string | null
}

export const findingsOf = ({ suite, outcome }: Played): Finding[] =>
  checksOf(outcome)
    .filter(({ status }) => status !== 'passed')
    .map((check) => ({ ...check, answer: suite.answers[check.name] ?? null }))

/** What must not be: a suite that could not run, a finding without an answer, an answer without its finding. */
export function faultsOf(played: Played): string[] {
  const { suite, outcome } = played
  if (outcome.kind === 'not run') return []
  if (outcome.kind === 'broken') return [`${suite.name} could not run: ${outcome.why}`]
  const findings = findingsOf(played)
  const unanswered = findings.filter(({ answer }) => answer === null)
  const stale = Object.keys(suite.answers).filter(
    (name) => !findings.some((finding) => finding.name === name),
  )
  return [
    ...unanswered.map(({ name }) => `${suite.name}: "${name}" has no answer.`),
    ...stale.map((name) => `${suite.name}: "${name}" has an answer, and is no finding any more.`),
  ]
}

export const asData = (played: Played) => ({
  suite: played.suite.name,
  package: played.suite.package,
  about: played.suite.about,
  outcome: played.outcome.kind,
  ...figures(played.outcome),
  findings: findingsOf(played),
  faults: faultsOf(played),
})

/** The table in Markdown: it reads as well on a terminal as in docs/conformance.md. */
export const table = (all: readonly Played[]): string =>
  [
    '| Suite | Package | What runs | Passed | Failed | Other |',
    '| --- | --- | --- | ---: | ---: | ---: |',
    ...all.map(
      ({ suite, outcome }) => `| ${suite.name} | ${suite.package} | ${suite.about} | ${row(outcome)} |`,
    ),
  ].join('\n')

export const answerLines = (played: Played): string[] =>
  findingsOf(played).flatMap(({ name, status, detail, answer }) => [
    `${status.toUpperCase()} ${played.suite.name}: ${name}`,
    `  it says: ${detail.replaceAll('\n', '\n           ')}`,
    `  answer:  ${answer ?? 'NONE'}`,
  ])

function row(outcome: Outcome): string {
  if (outcome.kind === 'not run') return `not run: no ${outcome.lacks} | – | –`
  if (outcome.kind === 'broken') return 'could not run | – | –'
  const { passed, failed, other } = figures(outcome)
  return `${passed} | ${failed} | ${other}`
}

function figures(outcome: Outcome) {
  const count = (status: Check['status']) =>
    checksOf(outcome).filter((check) => check.status === status).length
  return { passed: count('passed'), failed: count('failed'), other: count('other') }
}

const checksOf = (outcome: Outcome): readonly Check[] => (outcome.kind === 'ran' ? outcome.checks : [])

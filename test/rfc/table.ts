// The generated parts of docs/conformance.md: the requirements as tables, and the deviations among them.
import { readFileSync } from 'node:fs'
import type { Proof, Requirement, RfcRequirements } from './requirements.ts'

export const documentUrl = new URL('../../docs/conformance.md', import.meta.url)

/** The document with its generated parts as the data have them; what is written by hand stays. */
export function withTables(rfcs: readonly RfcRequirements[], document: string): string {
  const parts = { deviations: deviationsOf(rfcs), requirements: tablesOf(rfcs) }
  return Object.entries(parts).reduce(
    (text, [name, generated]) => between(text, `<!-- begin ${name} -->`, `<!-- end ${name} -->`, generated),
    document,
  )
}

export const readDocument = (): string => readFileSync(documentUrl, 'utf8')

function between(text: string, begin: string, end: string, generated: string): string {
  const [before, rest, ...more] = text.split(begin)
  const [, after, ...tooMany] = (rest ?? '').split(end)
  if (before === undefined || after === undefined || more.length > 0 || tooMany.length > 0) {
    throw new Error(`docs/conformance.md must have ${begin} and ${end} once, in this order.`)
  }
  return `${before}${begin}\n\n${generated}\n\n${end}${after}`
}

function tablesOf(rfcs: readonly RfcRequirements[]): string {
  return rfcs
    .flatMap(({ number, title, requirements }) => [
      `### RFC ${number}, ${title}`,
      summaryOf(requirements),
      [
        '| Id | Level | Requirement | Shown by |',
        '| --- | --- | --- | --- |',
        ...requirements.map(rowOf),
      ].join('\n'),
    ])
    .join('\n\n')
}

function summaryOf(requirements: readonly Requirement[]): string {
  const shown = requirements.filter(({ answer }) => answer === null).length
  const counts = new Map<string, number>()
  for (const { answer } of requirements) {
    if (answer !== null) counts.set(answer.kind, (counts.get(answer.kind) ?? 0) + 1)
  }
  const answered = [...counts].map(([kind, count]) => `${kind} ${count}`)
  return `${[`${requirements.length} requirements: shown by tests alone ${shown}`, ...answered].join(', ')}.`
}

function rowOf({ id, level, requirement, tests, answer }: Requirement): string {
  const said = answer === null ? [] : [`**${answer.kind}**: ${escaped(answer.text)}`]
  const shownBy = [...said, ...tests.map(linkTo)].join('<br>')
  return `| ${id} | ${level} | ${escaped(requirement)} | ${shownBy} |`
}

const linkTo = ({ file, title }: Proof): string =>
  `[${file.replace(/^test\//, '')}](../${file}): ${escaped(title)}`

const deviationsOf = (rfcs: readonly RfcRequirements[]): string =>
  rfcs
    .flatMap(({ number, requirements }) =>
      requirements.flatMap(({ id, section, level, requirement, answer }) =>
        answer?.kind === 'deviates'
          ? [
              `- RFC ${number} section ${section}, ${level} (${id}): ${escaped(requirement)} *${escaped(answer.text.replace(/^[a-z]/, (first) => first.toUpperCase()))}.*`,
            ]
          : [],
      ),
    )
    .join('\n')

/** What Markdown would read as more than text. */
const escaped = (text: string): string => text.replace(/[\\`*_{}[\]<>|$]/g, (sign) => `\\${sign}`)

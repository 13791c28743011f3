// The section of docs/conformance.md about these suites, written from what came of them: it says what was seen.
import { findingsOf, type Played, table } from './verdict.ts'

const START = '<!-- npm run conformance -- --docs writes from here -->'
const END = '<!-- to here -->'

/** The document with its section written anew. Throws where the document does not mark the section. */
export function withSection(document: string, all: readonly Played[]): string {
  const [start, end] = [document.indexOf(START), document.indexOf(END)]
  if (start === -1 || end < start) throw new Error(`The document lacks ${START} or ${END}.`)
  return `${document.slice(0, start)}${START}\n\n${section(all)}\n${document.slice(end)}`
}

function section(all: readonly Played[]): string {
  const answered = all.map(answersTo).filter((lines) => lines.length > 0)
  return [table(all), '', ...answered.flat()].join('\n')
}

/** Findings that have one answer are told together. */
function answersTo(played: Played): string[] {
  const findings = findingsOf(played)
  const answers = new Set(findings.map(({ answer }) => answer))
  const lines = [...answers].map((answer) => {
    const answered = findings.filter((finding) => finding.answer === answer)
    const names = answered.map(({ name, status }) => `“${name}” (${status})`)
    return `- ${names.join(', ')}: ${answer ?? 'not answered yet.'}`
  })
  return lines.length === 0 ? [] : [`### ${played.suite.name}`, '', ...lines, '']
}

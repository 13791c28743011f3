// What the RFCs demand of a service provider, as data: each row with the tests that show it, or an answer.
import { readFileSync } from 'node:fs'

/** What a row without a test, or beside one, may say for itself. */
export const answerKinds = [
  'by construction', // it cannot be otherwise, and where that is so
  'deployment', // whoever runs the service sees to it
  'not offered', // about an option that the service does not have
  'the client', // about what a client chooses
  'deviates', // knowingly otherwise, and why
  'pending', // being made true
  'not yet', // known to be missing
] as const

export const levels = [
  'MUST',
  'MUST NOT',
  'SHALL',
  'SHALL NOT',
  'REQUIRED',
  'SHOULD',
  'SHOULD NOT',
  'RECOMMENDED',
  'stated', // without a key word of RFC 2119
] as const

export interface Proof {
  /** from the root of the repository */
  readonly file: string
  /** as Vitest prints it: `describe > test`; of a test.each the title before its values are put in */
  readonly title: string
}

export interface Requirement {
  /** RFC, section and a number within it, e.g. 7644-3.5.2-4 */
  readonly id: string
  readonly section: string
  readonly level: (typeof levels)[number]
  /** in our own words */
  readonly requirement: string
  readonly tests: readonly Proof[]
  /** `kind: …`, or null where the tests say all */
  readonly answer: { readonly kind: (typeof answerKinds)[number]; readonly text: string } | null
}

export interface RfcRequirements {
  readonly number: string
  readonly title: string
  readonly requirements: readonly Requirement[]
}

const rfcs = [
  ['7643', 'Core Schema'],
  ['7644', 'Protocol'],
  ['9865', 'Cursor-Based Pagination'],
] as const

/** All rows, in the order of the RFCs. Throws where the data are not what a row must be. */
export function readRequirements(): RfcRequirements[] {
  return rfcs.map(([number, title]) => {
    const text = readFileSync(new URL(`rfc${number}.json`, import.meta.url), 'utf8')
    const rows: unknown = JSON.parse(text)
    if (!Array.isArray(rows)) throw new Error(`rfc${number}.json is no list.`)
    return { number, title, requirements: rows.map((row) => parseRequirement(row, number)) }
  })
}

export function parseRequirement(row: unknown, rfc: string): Requirement {
  const fields = new Map(Object.entries(Object(row)))
  const text = (name: string): string => {
    const value = fields.get(name)
    if (typeof value === 'string' && value.trim() === value && value !== '') return value
    throw new Error(`${JSON.stringify(row)}: ${name} must be a text.`)
  }
  const id = text('id')
  const level = levels.find((known) => known === text('level'))
  if (level === undefined) throw new Error(`${id}: ${text('level')} is no level.`)
  const section = text('section')
  if (!new RegExp(`^${rfc}-${section.replaceAll('.', '\\.')}-\\d+$`).test(id)) {
    throw new Error(`${id} does not say that it is of RFC ${rfc} section ${section}.`)
  }
  for (const name of fields.keys()) {
    if (!['id', 'section', 'level', 'requirement', 'tests', 'answer'].includes(name)) {
      throw new Error(`${id}: ${name} is no field of a row.`)
    }
  }
  const answer = fields.has('answer') ? parseAnswer(text('answer'), id) : null
  const tests = fields.has('tests') ? parseProofs(fields.get('tests'), id) : []
  if (tests.length === 0 && answer === null) throw new Error(`${id} has neither tests nor an answer.`)
  return { id, section, level, requirement: text('requirement'), tests, answer }
}

function parseAnswer(answer: string, id: string): Requirement['answer'] {
  const kind = answerKinds.find((known) => answer.startsWith(`${known}: `))
  if (kind === undefined) throw new Error(`${id}: the answer is of no known kind: ${answer}`)
  return { kind, text: answer.slice(kind.length + 2) }
}

function parseProofs(tests: unknown, id: string): Proof[] {
  if (!Array.isArray(tests) || tests.length === 0) throw new Error(`${id}: tests must be a list of tests.`)
  return tests.map((proof) => {
    const { file, title } = Object(proof)
    if (typeof file === 'string' && typeof title === 'string') return { file, title }
    throw new Error(`${id}: each test has a file and a title.`)
  })
}

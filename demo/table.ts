// The printed form: a heading, the steps of the week with each request and its answer, and the members in the end.
import type { FinalMember, Outcome, PlayedExchange, PlayedStep } from './play.ts'
import { days, type Holding, none, type Scenario } from './scenario.ts'

type Names = ReadonlyMap<string, string>

const WIDTH = 108
const INDENT = '     '
const METHOD_WIDTH = 8
/** status and how many were found, at the end of the line */
const ANSWER_WIDTH = 14
const REQUEST_WIDTH = WIDTH - INDENT.length - METHOD_WIDTH - ANSWER_WIDTH
const NAME_WIDTH = 11

export function heading({ title, organization }: Scenario): string {
  const line = '═'.repeat(WIDTH)
  const columns = `Day  ${'Request'.padEnd(METHOD_WIDTH + REQUEST_WIDTH)}Answer`
  return [
    line,
    `${title} → ${organization}: a first sync and a week of changes`,
    line,
    columns,
    '─'.repeat(WIDTH),
  ].join('\n')
}

export function stepLines({ step, exchanges }: PlayedStep, names: Names): string {
  return [
    `${step.day}  ${step.says}`,
    ...exchanges.flatMap((played) => exchangeLines(played, names)),
    '',
  ].join('\n')
}

function exchangeLines({ wire, status, found, changes, faults }: PlayedExchange, names: Names): string[] {
  const request = named(readable(wire.path), names)
  const answer = found === null ? `${status}` : `${status}  ${found} found`
  const beneath = INDENT + ' '.repeat(METHOD_WIDTH)
  return [
    `${INDENT}${wire.method.padEnd(METHOD_WIDTH)}${cut(request, REQUEST_WIDTH - 2).padEnd(REQUEST_WIDTH)}${answer}`,
    ...bodyLines(wire.body).map((line) => beneath + cut(named(line, names), WIDTH - beneath.length)),
    ...changes.map(({ name, before, after }) => `${beneath}● ${name.padEnd(NAME_WIDTH)}${before} → ${after}`),
    ...faults.map((fault) => `${beneath}✗ ${named(fault, names)}`),
  ]
}

/** A body without its schemas, on one line; each operation and each mapping on a line of its own. */
function bodyLines(body: object | undefined): string[] {
  if (body === undefined) return []
  const entries = Object.entries(body).filter(([key]) => key !== 'schemas')
  const lists = entries.filter(([key]) => key === 'Operations' || key === 'mappings')
  const others = entries.filter((entry) => !lists.includes(entry))
  const items = lists.flatMap(([, list]) =>
    Array.isArray(list) ? list.map((item) => JSON.stringify(item)) : [],
  )
  return others.length === 0 ? items : [JSON.stringify(Object.fromEntries(others)), ...items]
}

/** The members at the end of each day, then who is in when the week is over, and why. */
export function closing(outcome: Outcome): string {
  return [...dayTable(outcome), '', ...finalTable(outcome.final)].join('\n')
}

function dayTable({ days: held, final }: Outcome): string[] {
  const width = Math.floor((WIDTH - INDENT.length) / final.length)
  const row = (day: string, cells: readonly string[]) =>
    `${day.padEnd(INDENT.length)}${cells.map((cell) => cell.padEnd(width)).join('')}`.trimEnd()
  const evenings = days.flatMap((day) => {
    const holdings = held.get(day)
    return holdings === undefined
      ? []
      : [
          row(
            day,
            final.map(({ name }) => short(holdings[name] ?? none)),
          ),
        ]
  })
  const names = final.map(({ name }) => name)
  const table = [row('Day', names), '─'.repeat(WIDTH), ...evenings]
  return evenings.some((line) => line.includes('*')) ? [...table, `${INDENT}* waits for another seat`] : table
}

/** `user on standard, waits for premium` → `user on standard *` */
function short(holding: Holding): string {
  if (holding === none) return '–'
  const [held = '', waits] = holding.split(', ')
  return waits === undefined ? held : `${held} *`
}

function finalTable(final: readonly FinalMember[]): string[] {
  const row = (name: string, email: string, role: string, seat: string, why: string) =>
    `${name.padEnd(NAME_WIDTH)}${email.padEnd(33)}${role.padEnd(8)}${seat.padEnd(10)}${why}`
  return [
    row('Member', 'E-mail', 'Role', 'Seat', 'Why'),
    '─'.repeat(WIDTH),
    ...final.map(({ name, member, reason }) =>
      member === null
        ? `${name.padEnd(NAME_WIDTH)}no member: ${reason}`
        : row(name, member.email, member.role ?? '–', member.seatType ?? 'waits', reason),
    ),
  ]
}

/** One line that says how it went, or all that is not as the scenario says. */
export function verdict({ title }: Scenario, { requests, final, faults, names }: Outcome): string {
  const members = final.filter(({ member }) => member !== null).length
  return faults.length === 0
    ? `✓ ${title}: ${requests} requests, each answered as expected; ${members} members in the end, as expected`
    : [
        `✗ ${title}: ${faults.length} not as expected`,
        ...faults.map((fault) => `  ${named(fault, names)}`),
      ].join('\n')
}

/** The path as the identity provider's filter reads before it is encoded. */
const readable = (path: string) => decodeURIComponent(path.replaceAll('+', ' '))

/** Ids replaced by what the scenario calls them. */
const named = (text: string, names: Names) =>
  [...names].reduce((result, [id, name]) => result.replaceAll(id, `‹${name}›`), text)

const cut = (text: string, width: number) => (text.length <= width ? text : `${text.slice(0, width - 1)}…`)

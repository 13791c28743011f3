// What the drivers in drivers/ print: a line of JSON for each check.
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Check } from './suite.ts'

const Line = Type.Object({
  name: Type.String(),
  status: Type.Union([Type.Literal('passed'), Type.Literal('failed'), Type.Literal('other')]),
  detail: Type.String(),
})

/** Lines that are not JSON, such as a library's log, are passed over. Throws where no check was printed. */
export function parseChecks(output: string): Check[] {
  const checks = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map(parseCheck)
  if (checks.length === 0) throw new Error('It printed no check.')
  return checks
}

function parseCheck(line: string): Static<typeof Line> {
  const check: unknown = JSON.parse(line)
  if (!Value.Check(Line, check)) throw new Error(`It printed what is no check: ${line}`)
  return check
}

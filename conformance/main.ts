// `npm run conformance`: test suites and clients that we did not write, as they come from their makers, against the
// service on a throw-away database.
//
//   npm run conformance                          all of them
//   npm run conformance -- scim2-tester ping     these
//   npm run conformance -- --json report.json    the report as data, too
//
// Exits with 1 if a finding has no answer, or if a suite could not run though the machine has what it needs.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Access } from '../demo/administrator.ts'
import { withService } from '../demo/service.ts'
import { playSuite } from './play.ts'
import type { Suite } from './suite.ts'
import { suites } from './suites.ts'
import { answerLines, asData, faultsOf, type Played, table } from './verdict.ts'

const installed = join(import.meta.dirname, 'installed')

const print = (text: string) => process.stdout.write(`${text}\n`)

try {
  const { values, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true })
  const chosen = choose(positionals)
  const code = await withService((access) => playAll(chosen, access, values.json ?? null))
  process.exit(code) // whatever an interrupted suite still does ends now
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

function choose(names: readonly string[]): readonly Suite[] {
  const unknown = names.find((name) => !suites.some((suite) => suite.name === name))
  if (unknown !== undefined) {
    throw new Error(`No suite is called ${unknown}. There are: ${suites.map(({ name }) => name).join(', ')}.`)
  }
  return names.length === 0 ? suites : suites.filter(({ name }) => names.includes(name))
}

async function playAll(chosen: readonly Suite[], access: Access, json: string | null): Promise<number> {
  const played: Played[] = []
  for (const suite of chosen) {
    print(`${suite.name}: installing and running ${suite.package} …`)
    played.push({ suite, outcome: await playSuite(suite, access, installed) })
  }
  const faults = played.flatMap(faultsOf)
  print(['', table(played), '', ...played.flatMap(answerLines), '', ...faults].join('\n'))
  if (json !== null) await writeFile(json, `${JSON.stringify(played.map(asData), null, 2)}\n`)
  return faults.length === 0 ? 0 : 1
}

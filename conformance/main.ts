// `npm run conformance`: test suites and clients that we did not write, as they come from their makers, against the
// service on a throw-away database.
//
//   npm run conformance                          all of them
//   npm run conformance -- scim2-tester ping     these
//   npm run conformance -- --json report.json    the report as data, too
//   npm run conformance -- --docs                writes the figures and answers into docs/conformance.md
//
// Exits with 1 if a finding has no answer, or if a suite could not run though the machine has what it needs.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Access } from '../demo/administrator.ts'
import { withService } from '../demo/service.ts'
import { withSection } from './document.ts'
import { playSuite } from './play.ts'
import type { Suite } from './suite.ts'
import { suites } from './suites.ts'
import { answerLines, asData, faultsOf, type Played, table } from './verdict.ts'

const installed = join(import.meta.dirname, 'installed')
const docs = join(import.meta.dirname, '../docs/conformance.md')

const print = (text: string) => process.stdout.write(`${text}\n`)

try {
  const { values, positionals } = parseArgs({
    options: { json: { type: 'string' }, docs: { type: 'boolean' } },
    allowPositionals: true,
  })
  const chosen = choose(positionals)
  if (values.docs === true && chosen !== suites) throw new Error('--docs needs all suites.')
  const code = await withService(async (access) => {
    const played = await playAll(chosen, access)
    if (values.json !== undefined) await writeJson(values.json, played)
    if (values.docs === true) await writeFile(docs, withSection(await readFile(docs, 'utf8'), played))
    return report(played)
  })
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

async function playAll(chosen: readonly Suite[], access: Access): Promise<Played[]> {
  const played: Played[] = []
  for (const suite of chosen) {
    print(`${suite.name}: installing and running ${suite.package} …`)
    played.push({ suite, outcome: await playSuite(suite, access, installed) })
  }
  return played
}

async function writeJson(file: string, played: readonly Played[]): Promise<void> {
  await writeFile(file, `${JSON.stringify(played.map(asData), null, 2)}\n`)
}

/** Prints what came of all, and gives the exit code. */
function report(played: readonly Played[]): number {
  const faults = played.flatMap(faultsOf)
  print(['', table(played), '', ...played.flatMap(answerLines), '', ...faults].join('\n'))
  return faults.length === 0 ? 0 : 1
}

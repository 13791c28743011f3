// `npm run demo`: a first sync and a week of changes as Okta and as Microsoft Entra ID send them. Against a service
// that it starts itself on a throw-away database, or against a running one:
//
//   npm run demo -- --url http://127.0.0.1:8080 --admin-token …     (or BASE_URL and ADMIN_TOKEN)
//
// Exits with 1 if anything is not as the scenarios say.
import { parseArgs } from 'node:util'
import { type Access, createTenant, revokeToken } from './administrator.ts'
import { entra } from './entra.ts'
import { okta } from './okta.ts'
import { play } from './play.ts'
import type { Scenario } from './scenario.ts'
import { withService } from './service.ts'
import { closing, heading, stepLines, verdict } from './table.ts'

const print = (text: string) => process.stdout.write(`${text}\n`)

try {
  process.exitCode = await demonstrate(givenAccess())
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

/** The running service that options or environment name; null: start one. Throws if one of the two is missing. */
function givenAccess(): Access | null {
  const { values } = parseArgs({ options: { url: { type: 'string' }, 'admin-token': { type: 'string' } } })
  const url = values.url ?? process.env.BASE_URL
  const adminToken = values['admin-token'] ?? process.env.ADMIN_TOKEN
  if (url === undefined && adminToken === undefined) return null
  if (url === undefined || adminToken === undefined) {
    throw new Error('A running service needs both --url (or BASE_URL) and --admin-token (or ADMIN_TOKEN).')
  }
  // the SCIM base URL, which identity providers are given, will do as well
  return { origin: url.replace(/\/+$/, '').replace(/\/scim\/v2$/, ''), adminToken }
}

async function demonstrate(given: Access | null): Promise<number> {
  if (given !== null) return playAll(given)
  print('Starting the service on a throw-away database …\n')
  return withService(playAll)
}

async function playAll(access: Access): Promise<number> {
  const verdicts: string[] = []
  let faults = 0
  for (const scenario of [okta, entra]) {
    const outcome = await playOne(scenario, access)
    verdicts.push(verdict(scenario, outcome))
    faults += outcome.faults.length
  }
  print(verdicts.join('\n'))
  return faults === 0 ? 0 : 1
}

async function playOne(scenario: Scenario, access: Access) {
  const tenant = await createTenant(access, scenario.organization)
  try {
    print(heading(scenario))
    const outcome = await play(scenario, access, tenant, {
      onStep: (played, names) => print(stepLines(played, names)),
    })
    print(`${closing(outcome)}\n`)
    return outcome
  } finally {
    await revokeToken(access, tenant)
  }
}

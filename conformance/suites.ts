// Every suite and client that `npm run conformance` runs, in this order.
import type { Suite } from './suite.ts'
import { captainGoldfish } from './suites/captain-goldfish.ts'
import { ping } from './suites/ping.ts'
import { scimPatch } from './suites/scim-patch.ts'
import { scimSanity } from './suites/scim-sanity.ts'
import { scim2Client } from './suites/scim2-client.ts'
import { scim2Tester } from './suites/scim2-tester.ts'
import { scimmy } from './suites/scimmy.ts'

export const suites: readonly Suite[] = [
  scim2Tester,
  scimSanity,
  scim2Client,
  ping,
  captainGoldfish,
  scimmy,
  scimPatch,
]

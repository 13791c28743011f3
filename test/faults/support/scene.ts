// What every scenario plays on: a service that was just set up, one organization with mapped groups and scarce seats.
import { expect, vi } from 'vitest'
import { type ServiceProcess, startProcess } from '../../support/process.ts'
import type { Figures } from './figures.ts'
import { type Answer, Sender } from './sender.ts'

export interface Scene {
  readonly organizationId: string
  readonly directoryToken: string
  readonly adminToken: string
  /** each is mapped: to the role admin and premium seats, to standard seats, to the role user alone */
  readonly groupIds: readonly string[]
}

const encryptionKey = Buffer.alloc(32, 7).toString('base64')

/** Starts one process of the compiled service, as it is deployed; rejects if it ends before it listens. */
export const startService = (
  databaseUrl: string,
  env: Readonly<Record<string, string>> = {},
  program = 'dist/main.js',
): Promise<ServiceProcess> =>
  startProcess(
    {
      DATABASE_URL: databaseUrl,
      ROLLCALL_ENCRYPTION_KEYS: encryptionKey,
      ROLLCALL_WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
      ...env,
    },
    ['--enable-source-maps', program],
  )

/** Sets up what the first start of `service` made; its database must have been empty. */
export async function setUp(
  service: ServiceProcess,
  figures: Figures,
  purchased: { readonly premium: number | null; readonly standard: number | null },
): Promise<Scene> {
  await vi.waitFor(() => expect(service.output()).toContain('/members'), { timeout: 20_000 })
  const printed = (pattern: RegExp) => pattern.exec(service.output())?.[1] ?? ''
  const organizationId = printed(/organizations\/([0-9a-f-]+)\/members/)
  const directoryToken = printed(/^Directory token: (\S+)$/m)
  const adminToken = printed(/^Admin token: (\S+)$/m)
  const idp = new Sender(service.origin, directoryToken, figures)
  const admin = new Sender(service.origin, adminToken, figures)
  const groupIds: string[] = []
  for (const displayName of ['Admins', 'Staff', 'Others']) {
    const answer = await idp.send('POST', '/scim/v2/Groups', { displayName })
    groupIds.push(String(requireStatus(answer, 201).body.id))
  }
  const scene = { organizationId, directoryToken, adminToken, groupIds }
  const path = `/v1/organizations/${organizationId}`
  requireStatus(await admin.send('PUT', `${path}/seats`, purchased), 200)
  requireStatus(await admin.send('PUT', `${path}/provisioning`, settingsOf(scene)), 200)
  await Promise.all([idp.close(), admin.close()])
  return scene
}

export const settingsOf = ({ groupIds: [admins, staff, others] }: Scene) => ({
  mode: 'scim',
  groupMappings: true,
  mappings: [
    { groupId: admins, role: 'admin' },
    { groupId: admins, seatType: 'premium' },
    { groupId: staff, seatType: 'standard' },
    { groupId: others, role: 'user' },
  ],
})

export function requireStatus(answer: Answer | null, ...statuses: readonly number[]): Answer {
  if (answer !== null && statuses.includes(answer.status)) return answer
  throw new Error(`Expected ${statuses.join(' or ')}: ${JSON.stringify(answer)}`)
}

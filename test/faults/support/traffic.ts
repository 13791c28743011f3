// What else is asked of a service while identities are pushed: reads, searches, bulk requests, and all that an
// administrator does. None of it changes who is a member.
import { randomUUID } from 'node:crypto'
import type { Dispatcher } from 'undici'
import type { Figures } from './figures.ts'
import { type Scene, settingsOf } from './scene.ts'
import { Sender } from './sender.ts'

type Ask = readonly [method: Dispatcher.HttpMethod, path: string, body?: object]

const search = (filter: string) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
  filter,
  count: 5,
})

const ofIdentityProvider: readonly Ask[] = [
  ['GET', '/scim/v2/Users?count=20'],
  ['GET', '/scim/v2/Groups?count=5&excludedAttributes=members'],
  ['GET', `/scim/v2/Users?filter=${encodeURIComponent('emails.value sw "p-1"')}&sortBy=userName&count=5`],
  ['POST', '/scim/v2/.search', search('userName co "acme"')],
  ['GET', `/scim/v2/Users/${randomUUID()}`],
  ['GET', '/scim/v2/Schemas'],
]

const ofAdministrator = (scene: Scene): readonly Ask[] => {
  const organization = `/v1/organizations/${scene.organizationId}`
  return [
    ['GET', `${organization}/members?limit=20`],
    ['PUT', `${organization}/provisioning`, settingsOf(scene)],
    ['POST', `${organization}/provisioning:preview`, settingsOf(scene)],
    ['POST', `${organization}/sync`],
    ['GET', `${organization}/seats`],
    ['POST', `${organization}/sign-ins`, { email: 'nobody@acme.test' }],
    ['PATCH', organization, { name: `Renamed ${Date.now()}` }],
    ['POST', '/v1/parent-organizations', { name: 'Another', plan: 'enterprise' }],
    ['POST', '/v1/admin-tokens', { name: 'another', scope: 'all', access: 'read_only' }],
    ['GET', '/v1/events?limit=10'],
    ['GET', '/v1/webhook-endpoints'],
  ]
}

/** Asks all of it in turn until `isOver`. A client error would say that this file is wrong, but for 404 and 409. */
export async function runTraffic(
  origin: string,
  scene: Scene,
  figures: Figures,
  isOver: () => boolean,
): Promise<void> {
  const run = async (token: string, asks: readonly Ask[]) => {
    const sender = new Sender(origin, token, figures)
    for (let i = 0; !isOver(); i += 1) {
      const [method, path, body] = asks[i % asks.length] ?? ['GET', '/healthz']
      const isKeyed = method === 'POST' && path.startsWith('/v1')
      const headers = isKeyed ? { 'idempotency-key': `"${randomUUID()}"` } : {}
      const answer = await sender.send(method, path, body, headers)
      const status = answer?.status ?? 503
      if (status < 400 || status >= 500 || status === 404 || status === 409) continue
      figures.wrongAnswers.push(`${method} ${path}: ${status} ${JSON.stringify(answer?.body)}`)
    }
    await sender.close()
  }
  await Promise.all([
    run(scene.directoryToken, ofIdentityProvider),
    run(scene.adminToken, ofAdministrator(scene)),
  ])
}

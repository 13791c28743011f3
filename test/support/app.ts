// The service under test: the real application on a database of its own, with one parent organization set up.
import { type Logger, pino } from 'pino'
import supertest from 'supertest'
import { buildApp } from '../../src/app.ts'
import { noRateLimits, type RateLimits } from '../../src/http/limits.ts'
import { createMetrics } from '../../src/http/metrics/index.ts'
import type { Timeouts } from '../../src/http/timeouts.ts'
import type { ParentPlan, PlanName } from '../../src/provisioning/catalogue.ts'
import { KEY_BYTES, SecretBox } from '../../src/secret-box.ts'
import { tokenCheck } from '../../src/secrets.ts'
import { createAdminToken } from '../../src/services/admin-tokens.ts'
import { createServices, type Services, type WebhookOptions } from '../../src/services/index.ts'
import { type Database, openDatabase } from '../../src/store/database.ts'
import { isMigrated } from '../../src/store/migrate.ts'
import { version } from '../../src/version.ts'
import { holdAnswers } from './held-answers.ts'
import { createTestDatabase, type TestDatabase } from './postgres.ts'

export interface TestApp {
  /** requests to the running server, without a token */
  readonly http: ReturnType<typeof supertest>
  /** where the server listens, e.g. http://127.0.0.1:40001 */
  readonly origin: string
  readonly databaseUrl: string
  readonly database: Database
  readonly services: Services
  readonly adminToken: string
  /** a directory, and the ways to talk to it and to its organizations */
  createTenant(plan?: ParentPlan): Promise<Tenant>
  close(): Promise<void>
}

export interface Tenant {
  readonly parentOrganizationId: string
  readonly directoryId: string
  readonly token: string
  /** paths begin after /scim/v2 */
  readonly scim: Client
  /** a new organization joined to the parent, in mode manual */
  createOrganization(plan?: PlanName, name?: string): Promise<string>
}

type Send = (path: string, body?: unknown) => supertest.Test

/** Requests with a token; paths begin after the API's prefix. */
export interface Client {
  readonly get: Send
  readonly post: Send
  readonly put: Send
  readonly patch: Send
  readonly delete: Send
}

/** The key of every test, so that several instances on one database read each other's secrets. */
export const testSecretBox = new SecretBox([Buffer.alloc(KEY_BYTES, 7)])

export async function startTestApp(
  options: {
    secretBox?: SecretBox
    bodyLimitBytes?: number
    logger?: Logger
    publicUrl?: string
    trustedProxies?: string[]
    rateLimits?: RateLimits
    timeouts?: Timeouts
    webhooks?: Partial<WebhookOptions>
    /** serves /metrics to who has it, as of the moment */
    metricsToken?: string
    /** of a program that is no test: where it is not given, a clone of the tests' template */
    testDatabase?: TestDatabase
  } = {},
): Promise<TestApp> {
  const { metricsToken } = options
  const { url, drop } = options.testDatabase ?? (await createTestDatabase())
  const database = openDatabase(url, 8)
  const services = createServices(database, options.secretBox ?? testSecretBox, {
    ...options.webhooks,
    figuresKeptMs: () => 0,
  })
  const app = await buildApp({
    services,
    logger: options.logger ?? pino({ level: 'silent' }),
    isReady: () => isMigrated((sql) => database.client.$queryRawUnsafe(sql)),
    publicUrl: options.publicUrl ?? null,
    trustedProxies: options.trustedProxies ?? [],
    bodyLimitBytes: options.bodyLimitBytes ?? 8 * 1024 * 1024,
    metrics:
      metricsToken === undefined
        ? null
        : { metrics: createMetrics(services, version), isToken: tokenCheck(metricsToken) },
    rateLimits: options.rateLimits ?? noRateLimits,
    ...(options.timeouts === undefined ? {} : { timeouts: options.timeouts }),
  })
  await holdAnswers(app)
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  const http = supertest(origin)
  const { token: adminToken } = await database.transaction((tx) =>
    createAdminToken(tx, actor, { name: 'test' }),
  )
  return {
    http,
    origin,
    databaseUrl: url,
    database,
    services,
    adminToken,
    createTenant: (plan = 'enterprise') => createTenant(http, services, plan),
    close: async () => {
      await app.close()
      await database.close()
      await drop()
    },
  }
}

const actor = { kind: 'system' } as const

async function createTenant(http: TestApp['http'], services: Services, plan: ParentPlan): Promise<Tenant> {
  const parent = await services.parentOrganizations.create(actor, { name: 'Acme', plan })
  const { token } = await services.tokens.create(actor, parent.directoryId, { name: 'idp', expiresAt: null })
  return {
    parentOrganizationId: parent.id,
    directoryId: parent.directoryId,
    token,
    scim: scimClient(http, token),
    createOrganization: async (orgPlan = 'enterprise_seats', name = 'Acme Claude') =>
      (await services.organizations.create(actor, parent.id, { name, plan: orgPlan })).id,
  }
}

/** SCIM requests with a directory's token. */
export const scimClient = (http: TestApp['http'], token: string): Client =>
  client(http, '/scim/v2', token, 'application/scim+json')

/** Admin requests, with the token for everything or another one: paths begin after /v1. */
export const adminClient = (
  { http, adminToken }: Pick<TestApp, 'http' | 'adminToken'>,
  token = adminToken,
): Client => client(http, '/v1', token, 'application/json')

function client(http: TestApp['http'], prefix: string, token: string, contentType: string): Client {
  const send =
    (method: keyof Client): Send =>
    (path, body) => {
      const request = http[method](`${prefix}${path}`).set('Authorization', `Bearer ${token}`)
      return body === undefined
        ? request
        : request.set('Content-Type', contentType).send(JSON.stringify(body))
    }
  return {
    get: send('get'),
    post: send('post'),
    put: send('put'),
    patch: send('patch'),
    delete: send('delete'),
  }
}

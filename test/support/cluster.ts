// One database served by several instances of the application at once, each with its own connections: what a load
// balancer in front of several processes sends to.

import { type Logger, pino } from 'pino'
import supertest from 'supertest'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { buildApp } from '../../src/app.ts'
import { noRateLimits } from '../../src/http/limits.ts'
import { createServices } from '../../src/services/index.ts'
import { openDatabase } from '../../src/store/database.ts'
import { adminClient, scimClient, startTestApp, type Tenant, type TestApp, testSecretBox } from './app.ts'
import { holdAnswers } from './held-answers.ts'
import { Administrated, answered, aScene, Idp, type Scene } from './provisioning.ts'

interface Cluster {
  readonly app: TestApp
  /** what went wrong inside, and was answered as an error of the service */
  readonly failures: readonly string[]
  /** a directory with one organization */
  scene(plan?: Parameters<typeof aScene>[1]): Promise<Scene>
  /** the identity provider's requests, to the instances in turn */
  idp(tenant: Tenant, turn: number): Idp
  /** the administrator's requests, to the instances in turn */
  admin(org: Administrated, turn: number): Administrated
  close(): Promise<void>
}

const POOL_SIZE = 6

/** A cluster for the tests of a file, which start and stop it; what fails inside fails the test that brought it about. */
export function useCluster(): Omit<Cluster, 'close'> {
  let started: Cluster | undefined
  const running = (): Cluster => {
    if (started === undefined) throw new Error('The cluster runs while the tests of the file do.')
    return started
  }
  beforeAll(async () => {
    started = await startCluster()
  })
  afterAll(() => started?.close())
  beforeEach(() => () => expect(running().failures).toEqual([]))
  return {
    get app() {
      return running().app
    },
    get failures() {
      return running().failures
    },
    scene: (plan) => running().scene(plan),
    idp: (tenant, turn) => running().idp(tenant, turn),
    admin: (org, turn) => running().admin(org, turn),
  }
}

/** Two instances; a logger keeps what either of them logs as an error. */
async function startCluster(): Promise<Cluster> {
  const failures: string[] = []
  const logger = pino({ level: 'error' }, { write: (line: string) => void failures.push(line) })
  const app = await startTestApp({ logger })
  const second = await startInstance(app, logger)
  const instances = [app.http, second.http]
  const instance = (turn: number) => instances[turn % instances.length] ?? app.http
  return {
    app,
    failures,
    scene: (plan) => aScene(app, plan),
    idp: ({ token }, turn) => new Idp(scimClient(instance(turn), token)),
    admin: (org, turn) =>
      new Administrated(adminClient({ http: instance(turn), adminToken: app.adminToken }), org.id),
    close: async () => {
      await second.close()
      await app.close()
    },
  }
}

/** Another instance on the database of the first. */
export async function startInstance({ databaseUrl }: TestApp, logger: Logger = pino({ level: 'silent' })) {
  const database = openDatabase(databaseUrl, POOL_SIZE)
  const app = await buildApp({
    services: createServices(database, testSecretBox),
    logger,
    isReady: async () => true,
    publicUrl: null,
    trustedProxies: [],
    rateLimits: noRateLimits,
    bodyLimitBytes: 1024 * 1024,
  })
  await holdAnswers(app)
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    http: supertest(origin),
    close: async () => {
      await app.close()
      await database.close()
    },
  }
}

/** Runs all the work at once; throws what any of it throws, after all of it has ended. */
export async function atOnce(work: readonly (() => Promise<unknown>)[]): Promise<void> {
  const ended = await Promise.allSettled(work.map((each) => each()))
  for (const result of ended) if (result.status === 'rejected') throw result.reason
}

/** The names of `count` people: p0, p1, … */
export const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `p${i}`)

/** Saving the settings that there are changes nobody: everybody is as an evaluation from scratch has it. */
export async function changesOfSavingAgain(org: Administrated) {
  return org.save((await answered(org.admin.get(org.path('/provisioning')), 200)).body)
}

export const noChanges = { added: 0, changed: 0, removed: 0, waiting: 0 }

// The dashboard and the alerts: each metric that they name is exposed by a running service, with the labels that they
// ask for.
import { readFileSync } from 'node:fs'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWorker } from '../src/worker/index.ts'
import { startTestApp, type TestApp } from './support/app.ts'
import { METRICS_TOKEN, type ReadMetrics, readMetrics } from './support/metrics.ts'
import { answered, aScene } from './support/provisioning.ts'
import { anEndpoint } from './support/webhooks.ts'

let app: TestApp
let metrics: ReadMetrics

beforeAll(async () => {
  app = await startTestApp({ metricsToken: METRICS_TOKEN })
  const { idp, org, tenant } = await aScene(app)
  await org.buy({ premium: 1, standard: 1 })
  await org.save()
  await idp.user('ada')
  // Entra's word for true, which is tolerated
  await answered(tenant.scim.post('/Users', { userName: 'grace@acme.test', active: 'True' }), 201)
  await anEndpoint(app, { url: 'https://app.example.com/rollcall', organizationId: org.id })
  const config = { eventsRetentionDays: 0, syncIntervalMs: 0 }
  const stop = await startWorker({
    services: app.services,
    pool: app.database.pool,
    logger: pino({ level: 'silent' }),
    config,
  })
  metrics = await readMetrics(app)
  await stop()
})

afterAll(() => app.close())

const textOf = (path: string) => readFileSync(new URL(`../docker/${path}`, import.meta.url), 'utf8')

/** The expressions in PromQL. */
const expressions: Record<string, readonly string[]> = {
  'grafana/rollcall.json': panelsOf('grafana/rollcall.json'),
  'prometheus/alerts.yaml': [
    ...textOf('prometheus/alerts.yaml').matchAll(/^ {8}expr: (.*(?:\n {10,}.*)*)/gm),
  ].map(([, expression = '']) => expression),
}

function panelsOf(path: string): string[] {
  const panels: { targets?: { expr: string }[] }[] = JSON.parse(textOf(path)).panels
  return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
}

/** The names of metrics, and with each the labels that its selectors name. */
const selectorsOf = (expression: string) =>
  [...expression.matchAll(/\b((?:rollcall|process|nodejs)_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, name = '', labels = '']) => ({
      name,
      labels: [...labels.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
    }),
  )

const groupings = (expression: string) =>
  [...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, names = '']) => names.split(/,\s*/))

/** What Prometheus adds to each sample. */
const ofPrometheus = ['instance', 'job']

test.each(Object.entries(expressions))('%s asks for what there is', (_, all) => {
  expect(all.length).toBeGreaterThan(10)
  for (const expression of all) {
    const selectors = selectorsOf(expression)
    expect(selectors.length, expression).toBeGreaterThan(0)
    for (const { name, labels } of selectors) {
      expect(metrics.samples, expression).toContain(name)
      for (const label of labels) expect(metrics.labels(name), expression).toContain(label)
    }
    const known = selectors.flatMap(({ name }) => metrics.labels(name)).concat(ofPrometheus)
    for (const label of groupings(expression)) expect(known, expression).toContain(label)
  }
})

test('the README names each metric of ours, and no other', () => {
  const readme = textOf('../README.md')
  const ours = [...metrics.types.keys()].filter((name) => name.startsWith('rollcall_'))
  const told = [...readme.matchAll(/`(rollcall_(?!dir_|adm_)\w+)`/g)].map(([, name = '']) => name)
  expect(ours.length).toBeGreaterThan(20)
  expect([...new Set(told)].sort()).toEqual(ours.sort())
})

test('names follow the conventions of Prometheus', () => {
  for (const [name, type] of metrics.types) {
    if (!name.startsWith('rollcall_')) continue
    expect(name.endsWith('_total'), name).toBe(type === 'counter')
    expect(name).not.toMatch(/_(ms|milliseconds|minutes|percent|kb|mb)(_|$)/)
  }
})

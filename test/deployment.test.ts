// What is said to those who run the service: the manifests for Kubernetes, the compose file and the image. Each variable,
// port, path and file that they name is one that the service has.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pino } from 'pino'
import supertest from 'supertest'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { readConfig } from '../src/config.ts'
import { createMetrics } from '../src/http/metrics/index.ts'
import { buildMetricsApp } from '../src/http/metrics/routes.ts'
import { version } from '../src/version.ts'
import { startTestApp, type TestApp } from './support/app.ts'

const root = join(import.meta.dirname, '..')
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')
const documentsIn = (path: string) =>
  parseAllDocuments(textOf(path)).map((document) => {
    expect(document.errors, path).toEqual([])
    return document.toJS()
  })
const theOnlyIn = (path: string) => documentsIn(path)[0]

/** The variables that the service reads. */
function variables(): Set<string> {
  const asked = new Set<string>()
  const note = (_: object, name: string | symbol) => void asked.add(String(name))
  readConfig(new Proxy<Record<string, string>>({}, { get: note }))
  return asked
}

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

describe('the manifests for Kubernetes', () => {
  const folder = 'docker/kubernetes'
  const names = readdirSync(join(root, folder))
  const kustomization = theOnlyIn(`${folder}/kustomization.yaml`)
  const resources: string[] = kustomization.resources
  const applied = resources.flatMap((name) => documentsIn(`${folder}/${name}`))
  const [deployment] = applied.filter(({ kind }) => kind === 'Deployment')
  const { template, replicas } = deployment.spec
  const [container] = template.spec.containers
  const env = new Map<string, string>(
    container.env.map(({ name, value }: { name: string; value: string }) => [name, value]),
  )
  const ports = new Map<string, number>(
    container.ports.map(({ name, containerPort }: { name: string; containerPort: number }) => [
      name,
      containerPort,
    ]),
  )
  const secret = theOnlyIn(`${folder}/secret.example.yaml`)

  test('are applied, all but what is an example or needs an operator', () => {
    expect(names.sort()).toEqual(
      [
        ...kustomization.resources,
        'kustomization.yaml',
        'secret.example.yaml',
        'service-monitor.yaml',
      ].sort(),
    )
    expect(applied.map(({ kind }) => kind).sort()).toEqual(
      ['Deployment', 'NetworkPolicy', 'PodDisruptionBudget', 'Service', 'Service'].sort(),
    )
    expect(kustomization.images).toEqual([
      { name: container.image, newName: expect.any(String), newTag: version },
    ])
  })

  test('set variables that the service reads, to what it takes', () => {
    const known = variables()
    expect(env.size).toBeGreaterThan(6)
    expect([...env.keys()].filter((name) => !known.has(name))).toEqual([])
    const secrets = mkdtempSync(join(tmpdir(), 'rollcall-secrets-'))
    try {
      const given = { ...secret.stringData, 'encryption-keys': Buffer.alloc(32).toString('base64') }
      for (const [name, text] of Object.entries(given)) writeFileSync(join(secrets, name), `${text}\n`)
      const [mount] = container.volumeMounts
      const mounted = [...env].map(([name, value]) => [name, value.replace(mount.mountPath, secrets)])
      const config = readConfig(Object.fromEntries(mounted))
      expect(config).toMatchObject({ host: '0.0.0.0', databaseUrl: given['database-url'] })
      expect(config.encryptionKeys).toHaveLength(1)
      expect([config.port, config.metricsPort]).toEqual([ports.get('http'), ports.get('metrics')])
    } finally {
      rmSync(secrets, { recursive: true, force: true })
    }
  })

  test('mount the secret whose files they name', () => {
    const [mount] = container.volumeMounts
    const volume = template.spec.volumes.find(({ name }: { name: string }) => name === mount.name)
    expect(volume.secret.secretName).toBe(secret.metadata.name)
    const files = [...env].filter(([name]) => name.endsWith('_FILE')).map(([, path]) => path)
    expect(files).toEqual(Object.keys(secret.stringData).map((name) => `${mount.mountPath}/${name}`))
  })

  test('probe what the service answers', async () => {
    for (const [probe, path] of [
      ['startupProbe', '/healthz'],
      ['livenessProbe', '/healthz'],
      ['readinessProbe', '/readyz'],
    ] as const) {
      expect(container[probe].httpGet).toEqual({ path, port: 'http' })
      await app.http.get(path).expect(200)
    }
  })

  test('wait for longer than the service takes to stop', () => {
    const [, stopMs = ''] = /STOP_TIMEOUT_MS = ([\d_]+)/.exec(textOf('src/main.ts')) ?? []
    const [, preStopSeconds] = container.lifecycle.preStop.exec.command
    const needed = Number(preStopSeconds) + Number(stopMs.replaceAll('_', '')) / 1000
    expect(needed).toBeGreaterThan(20)
    expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(needed)
  })

  test('give the process no more than it needs', () => {
    expect(template.spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    })
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    expect(container.resources).toMatchObject({
      requests: expect.anything(),
      limits: { memory: expect.any(String) },
    })
  })

  test('belong together: selectors, ports and how many must be left', () => {
    const { labels } = template.metadata
    for (const { kind, spec } of applied.filter((each) => each.kind !== 'Deployment')) {
      const selector = spec.selector?.matchLabels ?? spec.selector ?? spec.podSelector?.matchLabels
      expect(labels, kind).toMatchObject(selector)
    }
    expect(labels).toMatchObject(deployment.spec.selector.matchLabels)
    const services = applied.filter(({ kind }) => kind === 'Service')
    const targets = services.flatMap(({ spec }) => spec.ports).map(({ targetPort }) => targetPort)
    expect(targets.sort()).toEqual([...ports.keys()].sort())
    const [policy] = applied.filter(({ kind }) => kind === 'NetworkPolicy')
    const reached = policy.spec.ingress
      .flatMap(({ ports: open }: { ports: { port: string }[] }) => open)
      .map(({ port }: { port: string }) => port)
    expect(reached.sort()).toEqual([...ports.keys()].sort())
    const [budget] = applied.filter(({ kind }) => kind === 'PodDisruptionBudget')
    expect(replicas - budget.spec.maxUnavailable).toBeGreaterThan(0)
  })

  test('have Prometheus scrape what there is', async () => {
    const monitor = theOnlyIn(`${folder}/service-monitor.yaml`)
    const [scraped] = applied.filter(
      ({ kind, metadata }) =>
        kind === 'Service' &&
        Object.entries(monitor.spec.selector.matchLabels).every(
          ([name, value]) => metadata.labels[name] === value,
        ),
    )
    const [endpoint] = monitor.spec.endpoints
    expect(scraped.spec.ports.map(({ name }: { name: string }) => name)).toContain(endpoint.port)
    const logger = pino({ level: 'silent' })
    const metrics = buildMetricsApp(createMetrics(app.services, version), logger)
    const origin = await metrics.listen({ host: '127.0.0.1', port: 0 })
    await supertest(origin).get(endpoint.path).expect(200)
    await metrics.close()
  })
})

describe('the compose file', () => {
  const { services } = theOnlyIn('docker-compose.yml')
  const passed = Object.keys(services.rollcall.environment)

  test('passes what the service reads on, and nothing else', () => {
    const known = variables()
    expect(passed.filter((name) => !known.has(name) && !/^OTEL_/.test(name))).toEqual([])
    // the image says where to listen, and has no PostgreSQL of its own; files would have to be mounted
    const left = [...known].filter((name) => !passed.includes(name) && !name.endsWith('_FILE'))
    expect(left.sort()).toEqual(['HOST', 'PORT', 'ROLLCALL_DATA_DIR'])
  })

  test('waits for a PostgreSQL that the service takes', () => {
    const { image, environment } = services.postgres
    expect(image).toMatch(/^postgres:(1[5-9]|[2-9]\d)$/)
    const url = new URL(services.rollcall.environment.DATABASE_URL.replace(/\$\{[^}]*\}/, 'x'))
    expect([url.hostname, url.username, url.pathname]).toEqual([
      'postgres',
      environment.POSTGRES_USER,
      `/${environment.POSTGRES_DB}`,
    ])
    expect(services.rollcall.depends_on.postgres.condition).toBe('service_healthy')
  })

  test('publishes the port of the image', () => {
    const [, port] = /^EXPOSE (\d+)$/m.exec(textOf('Dockerfile')) ?? []
    expect(services.rollcall.ports).toEqual([expect.stringMatching(new RegExp(`:${port}$`))])
    expect(textOf('Dockerfile')).toContain(`HOST=0.0.0.0 PORT=${port}`)
  })
})

describe('the image', () => {
  const steps = textOf('Dockerfile')
  const copied = [...steps.matchAll(/^COPY (?!--from)(.+)$/gm)].flatMap(([, words = '']) =>
    words.split(' ').slice(0, -1),
  )

  test('is made of files that there are, and that .dockerignore lets through', () => {
    const throughIgnore = textOf('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1))
    expect(copied.length).toBeGreaterThan(8)
    for (const path of copied) {
      expect(existsSync(join(root, path)), path).toBe(true)
      expect(
        throughIgnore.some((allowed) => path === allowed || path.startsWith(`${allowed}/`)),
        path,
      ).toBe(true)
    }
  })

  test('runs what is compiled, not as root', () => {
    const bundle = textOf('bundle.mjs')
    const [, outdir = ''] = /outdir: '(.+)'/.exec(bundle) ?? []
    expect(steps).toContain(`"${outdir}/main.js"`)
    expect(bundle).toContain("'src/main.ts'")
    expect(existsSync(join(root, 'src/main.ts'))).toBe(true)
    expect(steps).toMatch(/^USER node$/m)
    const [, check = ''] = /HEALTHCHECK .* CMD \["node", "(.+)"\]/.exec(steps) ?? []
    expect(copied.map((path) => basename(path))).toContain(basename(check))
  })
})

test('the changelog has what is in this version, after what is in none yet', () => {
  const headings = [...textOf('CHANGELOG.md').matchAll(/^## \[(.+?)\]/gm)].map(([, name]) => name)
  expect(headings.slice(0, 2)).toEqual(['Unreleased', version])
})

// The configuration: defaults, rules, one message for all faults, and an .env.example that tells the truth.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConfigError, readConfig } from '../src/config.ts'
import { secretVariables } from '../src/secret-files.ts'

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
  return []
}

describe('readConfig', () => {
  test('an empty environment gives the defaults', () => {
    expect(readConfig({})).toEqual({
      host: '127.0.0.1',
      port: 8080,
      databaseUrl: null,
      dataDirectory: resolve('data/postgres'),
      publicUrl: null,
      trustedProxies: [],
      logLevel: 'info',
      databasePoolSize: 10,
      bodyLimitBytes: 8 * 1024 * 1024,
      rateLimits: {
        caller: { perSecond: 500, burst: 20_000 },
        stranger: { perSecond: 10, burst: 600 },
      },
      requestTimeoutSeconds: 60,
      drainSeconds: 5,
      eventsRetentionDays: 365,
      removedMembersRetentionDays: 0,
      syncIntervalMinutes: 60,
      encryptionKeys: null,
      webhookAllowedNetworks: [],
      metricsPort: null,
      metricsToken: null,
      tracing: null,
    })
  })

  test('every variable is read', () => {
    const config = readConfig({
      HOST: '0.0.0.0',
      PORT: '0',
      DATABASE_URL: 'postgres://a:b@localhost/c?sslmode=require',
      ROLLCALL_DATA_DIR: '/srv/rollcall',
      ROLLCALL_PUBLIC_URL: 'https://scim.example.com/tenant//',
      ROLLCALL_TRUSTED_PROXIES: 'loopback, 10.0.0.0/8,2001:db8::1',
      LOG_LEVEL: 'Debug',
      ROLLCALL_DATABASE_POOL_SIZE: '3',
      ROLLCALL_BODY_LIMIT_BYTES: '4096',
      ROLLCALL_RATE_LIMIT_PER_SECOND: '25',
      ROLLCALL_RATE_LIMIT_BURST: '100',
      ROLLCALL_RATE_LIMIT_STRANGERS_PER_MINUTE: '30',
      ROLLCALL_REQUEST_TIMEOUT_SECONDS: '20',
      ROLLCALL_DRAIN_SECONDS: '0',
      ROLLCALL_EVENTS_RETENTION_DAYS: '0',
      ROLLCALL_REMOVED_MEMBERS_RETENTION_DAYS: '90',
      ROLLCALL_SYNC_INTERVAL_MINUTES: '15',
      ROLLCALL_ENCRYPTION_KEYS: `${'A'.repeat(43)}=, ${'/'.repeat(42)}8`,
      ROLLCALL_WEBHOOK_ALLOWED_NETWORKS: '10.0.0.0/8, fd00::/8,192.0.2.7',
      ROLLCALL_METRICS_PORT: '9464',
      ROLLCALL_METRICS_TOKEN: `${'a'.repeat(43)}=`,
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_SERVICE_NAME: 'directory',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
    })
    expect(config).toEqual({
      host: '0.0.0.0',
      port: 0,
      databaseUrl: 'postgres://a:b@localhost/c?sslmode=require',
      dataDirectory: '/srv/rollcall',
      publicUrl: 'https://scim.example.com/tenant',
      trustedProxies: ['loopback', '10.0.0.0/8', '2001:db8::1'],
      logLevel: 'debug',
      databasePoolSize: 3,
      bodyLimitBytes: 4096,
      rateLimits: { caller: { perSecond: 25, burst: 100 }, stranger: { perSecond: 0.5, burst: 30 } },
      requestTimeoutSeconds: 20,
      drainSeconds: 0,
      eventsRetentionDays: 0,
      removedMembersRetentionDays: 90,
      syncIntervalMinutes: 15,
      encryptionKeys: [Buffer.alloc(32), Buffer.alloc(32, 255)],
      webhookAllowedNetworks: ['10.0.0.0/8', 'fd00::/8', '192.0.2.7'],
      metricsPort: 9464,
      metricsToken: `${'a'.repeat(43)}=`,
      tracing: { sampler: 'parentbased_traceidratio', ratio: 0.25 },
    })
    expect(Object.isFrozen(config)).toBe(true)
  })

  test('a rate of 0 is no limit', () => {
    const { rateLimits } = readConfig({
      ROLLCALL_RATE_LIMIT_PER_SECOND: '0',
      ROLLCALL_RATE_LIMIT_STRANGERS_PER_MINUTE: '0',
    })
    expect(rateLimits).toEqual({ caller: null, stranger: null })
  })

  test('an empty variable counts as not set', () => {
    expect(readConfig({ PORT: '', DATABASE_URL: ' ', HOST: '' })).toEqual(readConfig({}))
  })

  test.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80a'],
    ['HOST', 'http://localhost'],
    ['LOG_LEVEL', 'loud'],
    ['DATABASE_URL', 'mysql://localhost/a'],
    ['DATABASE_URL', 'postgres://user:secret@host:port/a'],
    ['ROLLCALL_PUBLIC_URL', 'scim.example.com'],
    ['ROLLCALL_PUBLIC_URL', 'https://scim.example.com/?a=b'],
    ['ROLLCALL_TRUSTED_PROXIES', 'proxy.example.com'],
    ['ROLLCALL_TRUSTED_PROXIES', '10.0.0.0/33'],
    ['ROLLCALL_TRUSTED_PROXIES', '10.0.0.1,'],
    ['ROLLCALL_TRUSTED_PROXIES', 'true'],
    ['ROLLCALL_DATABASE_POOL_SIZE', '0'],
    ['ROLLCALL_BODY_LIMIT_BYTES', '1e9'],
    ['ROLLCALL_RATE_LIMIT_PER_SECOND', '0.5'],
    ['ROLLCALL_RATE_LIMIT_BURST', '0'],
    ['ROLLCALL_RATE_LIMIT_STRANGERS_PER_MINUTE', '-1'],
    ['ROLLCALL_REQUEST_TIMEOUT_SECONDS', '0'],
    ['ROLLCALL_DRAIN_SECONDS', '5s'],
    ['ROLLCALL_EVENTS_RETENTION_DAYS', '-1'],
    ['ROLLCALL_REMOVED_MEMBERS_RETENTION_DAYS', '1.5'],
    ['ROLLCALL_ENCRYPTION_KEYS', 'c2hvcnQ='],
    ['ROLLCALL_ENCRYPTION_KEYS', `${'A'.repeat(43)}=,`],
    ['ROLLCALL_WEBHOOK_ALLOWED_NETWORKS', 'loopback'],
    ['ROLLCALL_WEBHOOK_ALLOWED_NETWORKS', '10.0.0.0/8,fd00::/129'],
    ['ROLLCALL_WEBHOOK_ALLOWED_NETWORKS', '0x7f.1'],
    ['ROLLCALL_METRICS_PORT', 'on'],
    ['ROLLCALL_METRICS_TOKEN', 'short'],
    ['ROLLCALL_METRICS_TOKEN', 'with a space, which ends a token'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'x'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_TRACES_SAMPLER', 'sometimes'],
    ['OTEL_TRACES_SAMPLER_ARG', '2'],
  ])('%s=%s is refused by name', (name, value) => {
    const faults = faultsOf({ [name]: value })
    expect(faults).toHaveLength(1)
    expect(faults[0]).toMatch(new RegExp(`^${name} `))
  })

  test('traces are made where an endpoint is named, unless OpenTelemetry is switched off', () => {
    const endpoint = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector.example.com/v1/traces' }
    const { tracing } = readConfig(endpoint)
    expect(tracing).toEqual({ sampler: 'parentbased_always_on', ratio: 1 })
    expect(readConfig({ ...endpoint, OTEL_SDK_DISABLED: 'true' }).tracing).toBeNull()
    expect(readConfig({ OTEL_SERVICE_NAME: 'directory' }).tracing).toBeNull()
  })

  test('a token of the metrics that is refused is not repeated', () => {
    expect(faultsOf({ ROLLCALL_METRICS_TOKEN: 'Hunter 2' }).join()).not.toContain('Hunter')
  })

  test('all faults stand in one message, and no password does', () => {
    const env = { PORT: 'x', LOG_LEVEL: 'y', DATABASE_URL: 'http://user:secret@host/a' }
    expect(faultsOf(env)).toHaveLength(3)
    expect(() => readConfig(env)).toThrow(/PORT[\s\S]*DATABASE_URL[\s\S]*LOG_LEVEL/)
    expect(() => readConfig(env)).not.toThrow(/secret/)
  })

  describe('secrets in files', () => {
    let folder: string
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'rollcall-secrets-'))
    })
    afterAll(() => rmSync(folder, { recursive: true, force: true }))
    const file = (name: string, text: string) => {
      const path = join(folder, name)
      writeFileSync(path, text)
      return path
    }

    test('each secret is read from the file that NAME_FILE names, without the end of its line', () => {
      const env = {
        DATABASE_URL_FILE: file('url', 'postgresql://a:b@db/rollcall\n'),
        ROLLCALL_ENCRYPTION_KEYS_FILE: file('keys', `${'A'.repeat(43)}=\r\n`),
        ROLLCALL_METRICS_TOKEN_FILE: file('token', 'a'.repeat(24)),
      }
      expect(Object.keys(env)).toEqual(secretVariables.map((name) => `${name}_FILE`))
      expect(readConfig(env)).toMatchObject({
        databaseUrl: 'postgresql://a:b@db/rollcall',
        encryptionKeys: [Buffer.alloc(32)],
        metricsToken: 'a'.repeat(24),
      })
    })

    test.each([
      ['no file', () => ({ DATABASE_URL_FILE: join(folder, 'none') }), 'cannot be read: ENOENT'],
      ['a folder', () => ({ DATABASE_URL_FILE: folder }), 'cannot be read: EISDIR'],
      ['an empty file', () => ({ DATABASE_URL_FILE: file('empty', '\n') }), 'nothing in it'],
      ['what is no URL', () => ({ DATABASE_URL_FILE: file('wrong', 'hunter2') }), 'must be a URL'],
      [
        'both',
        () => ({ DATABASE_URL_FILE: file('both', 'postgres://a'), DATABASE_URL: 'postgres://b' }),
        'and so is DATABASE_URL',
      ],
    ])('%s is refused by name, with nothing of what it holds', (_, env, fault) => {
      const faults = faultsOf(env())
      expect(faults).toHaveLength(1)
      expect(faults[0]).toMatch(/^DATABASE_URL_FILE /)
      expect(faults[0]).toContain(fault)
      expect(faults[0]).not.toContain('hunter2')
    })
  })

  test('.env.example names exactly the variables that are read, and parses', () => {
    const asked = new Set<string>()
    readConfig(
      new Proxy<Record<string, string>>(
        {},
        {
          get(_target, name) {
            asked.add(String(name))
            return undefined
          },
        },
      ),
    )
    const text = readFileSync(new URL('../.env.example', import.meta.url), 'utf8')
    const shown = [...text.matchAll(/^#?([A-Z][A-Z_]*)=(.*)$/gm)]
    expect(shown.map(([, name]) => name).sort()).toEqual([...asked].sort())
    expect(() => readConfig(Object.fromEntries(shown.map(([, name, value]) => [name, value])))).not.toThrow()
  })
})

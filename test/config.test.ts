// The configuration: defaults, rules, one message for all faults, and an .env.example that tells the truth.

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigError, readConfig } from '../src/config.ts'

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
      requestTimeoutSeconds: 60,
      drainSeconds: 5,
      eventsRetentionDays: 365,
      syncIntervalMinutes: 60,
      encryptionKeys: null,
      webhookAllowedNetworks: [],
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
      ROLLCALL_REQUEST_TIMEOUT_SECONDS: '20',
      ROLLCALL_DRAIN_SECONDS: '0',
      ROLLCALL_EVENTS_RETENTION_DAYS: '0',
      ROLLCALL_SYNC_INTERVAL_MINUTES: '15',
      ROLLCALL_ENCRYPTION_KEYS: `${'A'.repeat(43)}=, ${'/'.repeat(42)}8`,
      ROLLCALL_WEBHOOK_ALLOWED_NETWORKS: '10.0.0.0/8, fd00::/8,192.0.2.7',
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
      requestTimeoutSeconds: 20,
      drainSeconds: 0,
      eventsRetentionDays: 0,
      syncIntervalMinutes: 15,
      encryptionKeys: [Buffer.alloc(32), Buffer.alloc(32, 255)],
      webhookAllowedNetworks: ['10.0.0.0/8', 'fd00::/8', '192.0.2.7'],
    })
    expect(Object.isFrozen(config)).toBe(true)
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
    ['ROLLCALL_REQUEST_TIMEOUT_SECONDS', '0'],
    ['ROLLCALL_DRAIN_SECONDS', '5s'],
    ['ROLLCALL_EVENTS_RETENTION_DAYS', '-1'],
    ['ROLLCALL_ENCRYPTION_KEYS', 'c2hvcnQ='],
    ['ROLLCALL_ENCRYPTION_KEYS', `${'A'.repeat(43)}=,`],
    ['ROLLCALL_WEBHOOK_ALLOWED_NETWORKS', 'loopback'],
    ['ROLLCALL_WEBHOOK_ALLOWED_NETWORKS', '10.0.0.0/8,fd00::/129'],
    ['ROLLCALL_WEBHOOK_ALLOWED_NETWORKS', '0x7f.1'],
  ])('%s=%s is refused by name', (name, value) => {
    const faults = faultsOf({ [name]: value })
    expect(faults).toHaveLength(1)
    expect(faults[0]).toMatch(new RegExp(`^${name} `))
  })

  test('all faults stand in one message, and no password does', () => {
    const env = { PORT: 'x', LOG_LEVEL: 'y', DATABASE_URL: 'http://user:secret@host/a' }
    expect(faultsOf(env)).toHaveLength(3)
    expect(() => readConfig(env)).toThrow(/PORT[\s\S]*DATABASE_URL[\s\S]*LOG_LEVEL/)
    expect(() => readConfig(env)).not.toThrow(/secret/)
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

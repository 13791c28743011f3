// The environment as a frozen Config: every variable the service knows, its default and its rule. The only
// reader of the environment; `.env.example` says the same for operators, and a test compares the two.

import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import type { RateLimits } from './http/limits.ts'
import { readSecretFiles } from './secret-files.ts'

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

export const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const

/** What OpenTelemetry's own code does not read from the environment. */
export type TracingConfig = Readonly<{
  sampler: (typeof samplers)[number]
  /** of the traces that begin here, the part that is sent, where the sampler is one of a ratio */
  ratio: number
}>

export type Config = Readonly<{
  host: string
  /** 0 lets the operating system choose */
  port: number
  /** null: start the embedded PostgreSQL */
  databaseUrl: string | null
  /** the embedded PostgreSQL's folder, absolute */
  dataDirectory: string
  /** what clients call the service, when a proxy stands before it; without a slash at its end */
  publicUrl: string | null
  /** addresses, networks or their names (loopback, linklocal, uniquelocal) whose X-Forwarded headers are believed */
  trustedProxies: readonly string[]
  logLevel: LogLevel
  databasePoolSize: number
  bodyLimitBytes: number
  /** requests of each caller, and of each address without a valid token; null: no limit */
  rateLimits: RateLimits
  /** how long a client may take to send a request */
  requestTimeoutSeconds: number
  /** how long requests are still served after SIGTERM, while /readyz says no */
  drainSeconds: number
  /** 0 keeps them all */
  eventsRetentionDays: number
  /** after how many days members who left, and whom the directory does not have, are erased; 0: never */
  removedMembersRetentionDays: number
  /** how often every organization is synced with its directory; 0: never by itself */
  syncIntervalMinutes: number
  /** of 32 bytes: the first encrypts secrets, each decrypts; null: none were given */
  encryptionKeys: readonly Buffer[] | null
  /** addresses and networks beside the public ones that webhooks may be sent to */
  webhookAllowedNetworks: readonly string[]
  /** where /metrics is served to anybody who reaches it, 0: the operating system chooses; null: nowhere */
  metricsPort: number | null
  /** whose bearer may read /metrics where the APIs are; null: nobody */
  metricsToken: string | null
  /** null: no traces are made */
  tracing: TracingConfig | null
}>

type Environment = Readonly<Record<string, string | undefined>>

/** Thrown by readConfig: the message names every faulty variable at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(['The configuration is not valid:', ...faults.map((fault) => `  ${fault}`)].join('\n'))
    this.faults = faults
  }
}

/**
 * Reads the configuration, or throws one ConfigError with all its faults.
 * An empty variable counts as not set, which is what compose files make of `${NAME:-}`.
 */
export function readConfig(env: Environment): Config {
  const files = readSecretFiles(env, (path) => readFileSync(path, 'utf8'))
  const faults = [...files.faults]

  /** The variable read by `parse`, which throws a sentence that follows the name; the default if not set. */
  const read = <T>(name: string, fallback: T, parse: (text: string) => T): T => {
    const held = files.values.get(name)
    const text = held ?? env[name]?.trim()
    if (text === undefined || text === '') return fallback
    try {
      return parse(text)
    } catch (error) {
      const source = held === undefined ? name : `${name}_FILE`
      faults.push(`${source} ${error instanceof Error ? error.message : String(error)}`)
      return fallback
    }
  }

  const readRateLimits = (): RateLimits => {
    const perSecond = read('ROLLCALL_RATE_LIMIT_PER_SECOND', 500, integerBetween(0, 1_000_000))
    const burst = read('ROLLCALL_RATE_LIMIT_BURST', 20_000, integerBetween(1, 1_000_000))
    const perMinute = read('ROLLCALL_RATE_LIMIT_STRANGERS_PER_MINUTE', 600, integerBetween(0, 1_000_000))
    return {
      caller: perSecond === 0 ? null : { perSecond, burst },
      stranger: perMinute === 0 ? null : { perSecond: perMinute / 60, burst: perMinute },
    }
  }

  const config: Config = {
    host: read('HOST', '127.0.0.1', parseHost),
    port: read('PORT', 8080, integerBetween(0, 65535)),
    databaseUrl: read<string | null>('DATABASE_URL', null, parseDatabaseUrl),
    dataDirectory: read('ROLLCALL_DATA_DIR', resolve('data/postgres'), (text) => resolve(text)),
    publicUrl: read<string | null>('ROLLCALL_PUBLIC_URL', null, parsePublicUrl),
    trustedProxies: read<readonly string[]>('ROLLCALL_TRUSTED_PROXIES', [], parseProxies),
    logLevel: read('LOG_LEVEL', 'info', parseLogLevel),
    databasePoolSize: read('ROLLCALL_DATABASE_POOL_SIZE', 10, integerBetween(1, 1000)),
    bodyLimitBytes: read('ROLLCALL_BODY_LIMIT_BYTES', 8 * 1024 * 1024, integerBetween(1024, 1024 ** 3)),
    rateLimits: readRateLimits(),
    requestTimeoutSeconds: read('ROLLCALL_REQUEST_TIMEOUT_SECONDS', 60, integerBetween(1, 3600)),
    drainSeconds: read('ROLLCALL_DRAIN_SECONDS', 5, integerBetween(0, 600)),
    eventsRetentionDays: read('ROLLCALL_EVENTS_RETENTION_DAYS', 365, integerBetween(0, 36_500)),
    removedMembersRetentionDays: read(
      'ROLLCALL_REMOVED_MEMBERS_RETENTION_DAYS',
      0,
      integerBetween(0, 36_500),
    ),
    syncIntervalMinutes: read('ROLLCALL_SYNC_INTERVAL_MINUTES', 60, integerBetween(0, 10_080)),
    encryptionKeys: read<readonly Buffer[] | null>('ROLLCALL_ENCRYPTION_KEYS', null, parseKeys),
    webhookAllowedNetworks: read<readonly string[]>('ROLLCALL_WEBHOOK_ALLOWED_NETWORKS', [], parseNetworks),
    metricsPort: read<number | null>('ROLLCALL_METRICS_PORT', null, integerBetween(0, 65535)),
    metricsToken: read<string | null>('ROLLCALL_METRICS_TOKEN', null, parseMetricsToken),
    tracing: readTracing(read),
  }
  if (faults.length > 0) throw new ConfigError(faults)
  return Object.freeze(config)
}

type Read = <T>(name: string, fallback: T, parse: (text: string) => T) => T

/** The variables of OpenTelemetry's specification, as far as they are ours to read: an endpoint switches traces on. */
function readTracing(read: Read): TracingConfig | null {
  const endpoints = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'].map((name) =>
    read<string | null>(name, null, parseEndpoint),
  )
  const isDisabled = read('OTEL_SDK_DISABLED', false, (text) => text.toLowerCase() === 'true')
  read('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json', parseProtocol)
  // the name is OpenTelemetry's own code to read: here it is but known
  read('OTEL_SERVICE_NAME', 'rollcall', (text) => text)
  const sampler = read<TracingConfig['sampler']>('OTEL_TRACES_SAMPLER', 'parentbased_always_on', parseSampler)
  const ratio = read('OTEL_TRACES_SAMPLER_ARG', 1, parseRatio)
  return isDisabled || endpoints.every((endpoint) => endpoint === null) ? null : { sampler, ratio }
}

function parseEndpoint(text: string): string {
  if (URL.canParse(text) && /^https?:/i.test(text)) return text
  throw new Error('must be a URL with http or https, such as http://localhost:4318')
}

function parseProtocol(text: string): string {
  // whoever takes protobuf over HTTP takes JSON at the same address
  if (text === 'http/json' || text === 'http/protobuf') return text
  throw new Error(`must be http/json: traces are sent over HTTP, as a rule to port 4318, not by "${text}"`)
}

function parseSampler(text: string): TracingConfig['sampler'] {
  const sampler = samplers.find((known) => known === text.toLowerCase())
  if (sampler === undefined) throw new Error(`must be one of ${samplers.join(', ')}, not "${text}"`)
  return sampler
}

function parseRatio(text: string): number {
  const ratio = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN
  if (ratio >= 0 && ratio <= 1) return ratio
  throw new Error(`must be a number from 0 to 1, not "${text}"`)
}

/** Never repeats the value: it is a secret, and this message ends in a log. */
function parseMetricsToken(text: string): string {
  if (/^[A-Za-z0-9._~+/-]{24,512}=*$/.test(text)) return text
  throw new Error('must be 24 characters or more that fit into a header, as from: openssl rand -base64 32')
}

const integerBetween = (least: number, most: number) => (text: string) => {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw new Error(`must be a whole number from ${least} to ${most}, not "${text}"`)
}

function parseHost(text: string): string {
  // The mistake to expect is an address with scheme or port; names themselves are judged when listening.
  if (/[\s/]/.test(text)) throw new Error(`must be a host name or an IP address alone, not "${text}"`)
  return text
}

function parseLogLevel(text: string): LogLevel {
  const level = logLevels.find((known) => known === text.toLowerCase())
  if (level === undefined) throw new Error(`must be one of ${logLevels.join(', ')}, not "${text}"`)
  return level
}

function parseDatabaseUrl(text: string): string {
  // Never repeat the value: it holds a password, and this message ends in a log.
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text)) {
    throw new Error('must be a URL like postgresql://user:password@host:5432/database')
  }
  return text
}

/** A list with commas, e.g. `10.0.0.0/8, fd00::/8`. */
function parseNetworks(text: string): readonly string[] {
  const listed = text.split(',').map((each) => each.trim())
  const wrong = listed.find((each) => !isNetwork(each))
  if (wrong === undefined) return listed
  throw new Error(`must list IP addresses or networks such as 10.0.0.0/8, not "${wrong}"`)
}

const networks = ['loopback', 'linklocal', 'uniquelocal']

/** A list with commas, e.g. `10.0.0.0/8, loopback`. */
function parseProxies(text: string): readonly string[] {
  const proxies = text.split(',').map((each) => each.trim())
  const wrong = proxies.find((each) => !networks.includes(each) && !isNetwork(each))
  if (wrong === undefined) return proxies
  throw new Error(
    `must list IP addresses, networks such as 10.0.0.0/8, or ${networks.join(', ')}, not "${wrong}"`,
  )
}

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/')
  const bits = isIP(address) === 4 ? 32 : isIP(address) === 6 ? 128 : -1
  const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits)
  return bits > 0 && isPrefix && more.length === 0
}

/** A list with commas. Never repeats the value: it is a secret, and this message ends in a log. */
function parseKeys(text: string): readonly Buffer[] {
  const keys = text.split(',').map((each) => each.trim())
  if (keys.every((key) => /^[A-Za-z0-9+/]{43}=?$/.test(key))) {
    return keys.map((key) => Buffer.from(key, 'base64'))
  }
  throw new Error('must list keys of 32 random bytes in base64, as from: openssl rand -base64 32')
}

function parsePublicUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:'
  if (url === null || !isWeb) throw new Error(`must be a URL with http or https, not "${text}"`)
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new Error('must hold scheme, host, port and path alone: no user, query or fragment')
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}

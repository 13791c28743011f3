// The process: config → database → migrate → worker → app → listen → stop.
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Logger, pino } from 'pino'
import { buildApp } from './app.ts'
import { type Config, readConfig } from './config.ts'
import { provideEncryptionKey } from './encryption-key.ts'
import { firstStartMessage } from './first-start.ts'
import { buildMetricsApp, type ShownMetrics } from './http/metrics/routes.ts'
import { closeServer, OpenRequests } from './http/stopping.ts'
import { timeoutsWithin } from './http/timeouts.ts'
import { createLogger } from './logger.ts'
import { SecretBox } from './secret-box.ts'
import { tokenCheck } from './secrets.ts'
import { bootstrap } from './services/bootstrap.ts'
import { createServices, type Services } from './services/index.ts'
import { openDatabase } from './store/database.ts'
import { isMigrated, migrate } from './store/migrate.ts'
import type { Tracing } from './tracing.ts'
import { version } from './version.ts'
import { startWorker } from './worker/index.ts'

const TOLERANCES_FLUSH_MS = 5_000
/** Lines are written together: one by one they were a tenth of the process's time. What is left at the end is written too. */
const logging = { sync: false, minLength: 4096, periodicFlush: 100 }
/** How long everything may take to stop, when the drain is over. */
const STOP_TIMEOUT_MS = 20_000
/** How long requests may still run of that; jobs have the rest. */
const REQUESTS_TIMEOUT_MS = 9_000

/** Starts everything in order; gives what stops it in the opposite order. `stopping` says that this will come soon. */
async function start(config: Config, logger: Logger, stopping: AbortSignal): Promise<() => Promise<void>> {
  const stops: (() => Promise<void>)[] = []
  const stop = async () => {
    const results: PromiseSettledResult<void>[] = []
    // what fails to stop must not keep the rest running
    for (const each of stops.reverse()) results.push(...(await Promise.allSettled([each()])))
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }
  try {
    const databaseUrl = config.databaseUrl ?? (await startDatabase(config, logger, stops))
    const onUnknown = (migrations: readonly string[]) =>
      logger.warn(
        { migrations },
        'the database was migrated by a newer version, with which this one can work',
      )
    const applied = await migrate(databaseUrl, { onUnknown })
    if (applied.length > 0) logger.info({ migrations: applied }, 'migrations applied')
    const tracing = await startTracing(config, logger)
    if (tracing !== null) stops.push(() => tracing.stop())
    const opened = openDatabase(databaseUrl, config.databasePoolSize)
    stops.push(() => opened.close())
    const database = tracing === null ? opened : tracing.of(opened)

    const services = createServices(database, new SecretBox(await encryptionKeys(config)), {
      allowedNetworks: config.webhookAllowedNetworks,
    })
    const flushing = setInterval(() => {
      services.tolerances.flush().catch((err: unknown) => logger.warn({ err }, 'tolerances not counted'))
    }, TOLERANCES_FLUSH_MS)
    stops.push(async () => {
      clearInterval(flushing)
      await services.tolerances.flush()
    })

    const { eventsRetentionDays, removedMembersRetentionDays, syncIntervalMinutes } = config
    const worker = {
      eventsRetentionDays,
      removedMembersRetentionDays,
      syncIntervalMs: syncIntervalMinutes * 60_000,
    }
    stops.push(await startWorker({ services, pool: database.pool, logger, config: worker }))

    const { publicUrl, trustedProxies, bodyLimitBytes, rateLimits } = config
    const isReady = () => isMigrated(async (sql) => (await database.pool.query(sql)).rows)
    const metrics = await createMetrics(config, services)
    const app = await buildApp({
      services,
      logger,
      isReady,
      publicUrl,
      trustedProxies,
      bodyLimitBytes,
      metrics,
      tracing: tracing?.requests ?? null,
      rateLimits,
      timeouts: timeoutsWithin(config.requestTimeoutSeconds * 1000),
      stopping,
    })
    const requests = new OpenRequests(app)
    stops.push(() => closeServer(app, requests, REQUESTS_TIMEOUT_MS))
    const address = await app.listen({ host: config.host, port: config.port })
    if (metrics !== null) await serveMetrics(config, metrics, logger, stops)
    // only a service that listens prints its tokens: they are shown this once
    const first = await bootstrap(database)
    if (first !== null) process.stdout.write(firstStartMessage(first, publicUrl ?? address))
    return stop
  } catch (error) {
    await stop()
    throw error
  }
}

/** Loaded only where the environment asks for traces. */
async function startTracing({ tracing }: Config, logger: Logger): Promise<Tracing | null> {
  if (tracing === null) return null
  const { startTracing: begin } = await import('./tracing.ts')
  return begin(tracing, logger)
}

/** Loaded, and counted at all, only where somebody may read them. */
async function createMetrics(
  { metricsPort, metricsToken }: Config,
  services: Services,
): Promise<ShownMetrics | null> {
  if (metricsPort === null && metricsToken === null) return null
  const { createMetrics: create } = await import('./http/metrics/index.ts')
  return {
    metrics: create(services, version),
    isToken: metricsToken === null ? null : tokenCheck(metricsToken),
  }
}

async function serveMetrics(
  { host, metricsPort }: Config,
  { metrics }: ShownMetrics,
  logger: Logger,
  stops: (() => Promise<void>)[],
): Promise<void> {
  if (metricsPort === null) return
  const app = buildMetricsApp(metrics, logger.child({ serves: 'metrics' }))
  stops.push(() => app.close())
  await app.listen({ host, port: metricsPort })
}

/** A service on one machine keeps a key of its own; several processes on one database need to be given theirs. */
async function encryptionKeys(config: Config): Promise<readonly Buffer[]> {
  if (config.encryptionKeys !== null) return config.encryptionKeys
  return config.databaseUrl === null ? [await provideEncryptionKey(config.dataDirectory)] : []
}

/** The embedded PostgreSQL: loaded only where no other was named. */
async function startDatabase(
  config: Config,
  logger: Logger,
  stops: (() => Promise<void>)[],
): Promise<string> {
  const { startEmbedded } = await import('./store/embedded.ts')
  const onLog = (line: string) => logger.debug({ postgres: line }, 'postgres')
  const onDeath = (reason: string) => {
    logger.fatal({ reason }, 'the embedded PostgreSQL ended')
    process.exit(1)
  }
  const embedded = await startEmbedded({ dataDirectory: config.dataDirectory, onLog, onDeath })
  stops.push(() => embedded.stop())
  return embedded.url
}

/**
 * SIGINT and SIGTERM stop the service once it has started; SIGTERM after the drain, in which it says that it is not
 * ready and serves all the same. Further ones change nothing: Ctrl-C under npm arrives twice, from the terminal and from
 * npm. Too long a wait ends the process.
 */
function stopOnSignals(
  starting: Promise<() => Promise<void>>,
  stopping: AbortController,
  drainMs: number,
  logger: Logger,
): void {
  const onSignal = async (signal: NodeJS.Signals) => {
    if (stopping.signal.aborted) return
    stopping.abort()
    const waitMs = signal === 'SIGTERM' ? drainMs : 0
    logger.info({ signal, drainMs: waitMs }, 'stopping')
    setTimeout(() => process.exit(1), waitMs + STOP_TIMEOUT_MS).unref()
    try {
      const stop = await starting
      await sleep(waitMs)
      await stop()
      process.exit(0)
    } catch (err) {
      logger.error({ err }, 'stopped with an error')
      process.exit(1)
    }
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
}

/** Errors that name their remedy need no stack. They are known by name: importing the embedded database loads it. */
const explained = ['ConfigError', 'InUseError', 'MigrationError', 'UnreachableError']

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return explained.includes(error.name) ? error.message : (error.stack ?? error.message)
}

try {
  if (existsSync('.env')) process.loadEnvFile('.env')
  const config = readConfig(process.env)
  const logger = createLogger(config.logLevel, pino.destination(logging))
  logger.info({ version, node: process.version }, 'rollcall starts')
  const stopping = new AbortController()
  const starting = start(config, logger, stopping.signal)
  stopOnSignals(starting, stopping, config.drainSeconds * 1000, logger)
  await starting
} catch (error) {
  process.stderr.write(`${describe(error)}\n`)
  process.exit(1)
}

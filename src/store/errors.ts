// What PostgreSQL says went wrong, as far as the service can answer it: through Prisma, or from the driver itself.
import pg from 'pg'
import { Prisma } from './generated/client.ts'

/** A transaction has had its time: it is rolled back. */
export class TransactionTooLong extends Error {
  override readonly name = 'TransactionTooLong'
}

/** A statement that was not run, since one that it travelled with had failed. */
export class NotRun extends Error {
  override readonly name = 'NotRun'
  override readonly cause: Error

  constructor(cause: Error) {
    super('A statement before this one has failed.')
    this.cause = cause
  }
}

/** What went wrong at first. */
export const causeOf = (error: unknown): unknown => (error instanceof NotRun ? error.cause : error)

const SERIALIZATION_FAILURE = '40001'
const DEADLOCK = '40P01'
const UNIQUE_VIOLATION = '23505'
const IN_FAILED_TRANSACTION = '25P02'
const SEATS_CHECK = 'seats_count_check'

export function isRetryable(error: unknown): boolean {
  if (prismaCode(error) === 'P2034') return true
  const state = sqlState(error)
  return state === SERIALIZATION_FAILURE || state === DEADLOCK
}

/** Refused because an earlier statement of the transaction had failed. */
export const isAftermath = (error: unknown): boolean =>
  error instanceof NotRun || sqlState(error) === IN_FAILED_TRANSACTION

/** Refused by addAssigned(): there is no such seat any more. */
export const isSeatTaken = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.constraint === SEATS_CHECK

export function isUniqueViolation(error: unknown): boolean {
  return prismaCode(error) === 'P2002' || sqlState(error) === UNIQUE_VIOLATION
}

/**
 * Nothing that the request could have avoided: connection refused, lost or timed out, the server starting or stopping,
 * no connection, no time or no room left on its disk; or others were in the way at every attempt. Whether a write whose
 * COMMIT was under way is there is not known then: whoever asked repeats it.
 */
export function isUnavailable(error: unknown): boolean {
  if (isRetryable(error)) return true
  const code = prismaCode(error)
  if (code !== null && ['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028'].includes(code)) return true
  if (error instanceof Prisma.PrismaClientInitializationError || error instanceof TransactionTooLong)
    return true
  const state = sqlState(error) ?? ''
  if (unavailableClasses.has(state.slice(0, 2)) || unavailableStates.has(state)) return true
  return unavailableKinds.has(driverCause(error).kind ?? '') || isConnectionLost(error)
}

/** Connections, resources (disk, memory, connections), an operator's intervention, and the system under PostgreSQL. */
const unavailableClasses = new Set(['08', '53', '57', '58'])

/** It has become a standby; a transaction stood still for too long. */
const unavailableStates = new Set(['25006', '25P03'])

/** What the driver and the network under it say: the driver's own errors have no codes. */
function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = text(field(error, 'code'))
  if (code !== null && networkCodes.has(code)) return true
  return driverMessages.some((message) => error.message.startsWith(message))
}

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
])

const driverMessages = [
  'Query read timeout',
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'Client has encountered a connection error',
  'Client was closed',
]

const unavailableKinds = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
])

function prismaCode(error: unknown): string | null {
  return error instanceof Prisma.PrismaClientKnownRequestError ? error.code : null
}

/** PostgreSQL's own code of an error, if it is one of its. */
export const sqlState = (error: unknown): string | null =>
  error instanceof pg.DatabaseError ? (error.code ?? null) : driverCause(error).originalCode

/** What the driver adapter says under a Prisma error: a kind, and the SQLSTATE where PostgreSQL gave one. */
function driverCause(error: unknown): { kind: string | null; originalCode: string | null } {
  const cause = field(adapterError(error), 'cause')
  return { kind: text(field(cause, 'kind')), originalCode: text(field(cause, 'originalCode')) }
}

/** Mostly Prisma wraps it; what fails at the begin or the end of a transaction comes as it is. */
function adapterError(error: unknown): unknown {
  if (error instanceof Prisma.PrismaClientKnownRequestError) return field(error.meta, 'driverAdapterError')
  return error instanceof Error && error.name === 'DriverAdapterError' ? error : null
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)

// What PostgreSQL says went wrong, as far as the service can answer it: through Prisma, or from the driver itself.
import pg from 'pg'
import { Prisma } from './generated/client.ts'

/** A transaction has had its time: it is rolled back. */
export class TransactionTooLong extends Error {
  override readonly name = 'TransactionTooLong'
}

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
export const isAftermath = (error: unknown): boolean => sqlState(error) === IN_FAILED_TRANSACTION

/** Refused by addAssigned(): there is no such seat any more. */
export const isSeatTaken = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.constraint === SEATS_CHECK

export function isUniqueViolation(error: unknown): boolean {
  return prismaCode(error) === 'P2002' || sqlState(error) === UNIQUE_VIOLATION
}

/** Connection refused, lost or timed out, the server starting or stopping, no connection or no time left. */
export function isUnavailable(error: unknown): boolean {
  const code = prismaCode(error)
  if (code !== null && ['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028'].includes(code)) return true
  if (error instanceof Prisma.PrismaClientInitializationError || error instanceof TransactionTooLong)
    return true
  const state = sqlState(error) ?? ''
  if (state.startsWith('08') || state.startsWith('57') || state === TOO_MANY_CONNECTIONS) return true
  return unavailableKinds.has(driverCause(error)?.kind ?? '') || isConnectionLost(error)
}

const TOO_MANY_CONNECTIONS = '53300'

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

const sqlState = (error: unknown): string | null =>
  error instanceof pg.DatabaseError ? (error.code ?? null) : (driverCause(error)?.originalCode ?? null)

/** What the driver adapter says under a Prisma error: a kind, and the SQLSTATE where PostgreSQL gave one. */
function driverCause(error: unknown): { kind: string | null; originalCode: string | null } | null {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return null
  const adapterError = field(error.meta, 'driverAdapterError')
  const cause = field(adapterError, 'cause')
  return { kind: text(field(cause, 'kind')), originalCode: text(field(cause, 'originalCode')) }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)

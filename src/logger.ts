// The log of the process: lines of JSON, in which no error repeats what somebody sent or what a row holds.
import { type DestinationStream, type Logger, pino } from 'pino'
import type { LogLevel } from './config.ts'

export function createLogger(level: LogLevel, destination: DestinationStream): Logger {
  return pino({ level, serializers: { err: describeError } }, destination)
}

interface DescribedError {
  readonly type: string
  readonly message?: string
  readonly code?: string
  readonly constraint?: string
  readonly stack: string
  readonly cause?: DescribedError | string
}

/** Of errors that cause each other, as many are told. */
const MAX_CAUSES = 3

/**
 * What is told of an error: its kind and where it came from. The database's messages quote rows and values, and the
 * language's own quote values too: both are told by kind, code and place alone. No other field is told, since drivers
 * and frameworks hang rows, parameters and requests on their errors.
 */
export function describeError(error: unknown, depth = 1): DescribedError | string {
  if (!(error instanceof Error)) return typeof error
  const { code, constraint, cause } = { code: null, constraint: null, ...error, cause: error.cause }
  return {
    type: error.constructor.name,
    ...(quotesValues(error) ? {} : { message: error.message }),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof constraint === 'string' ? { constraint } : {}),
    stack: framesOf(error),
    ...(cause === undefined || depth >= MAX_CAUSES ? {} : { cause: describeError(cause, depth + 1) }),
  }
}

const ofTheLanguage = [TypeError, RangeError, SyntaxError, ReferenceError, URIError, EvalError]

const quotesValues = (error: Error): boolean =>
  ofTheLanguage.some((kind) => error instanceof kind) ||
  /^(DatabaseError|DriverAdapterError|PrismaClient\w*)$/.test(error.constructor.name)

/** The stack without its head, which repeats the message. */
const framesOf = ({ stack = '' }: Error): string => stack.match(/^ {4}at .*$/gm)?.join('\n') ?? ''

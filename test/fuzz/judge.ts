// What is wrong with an answer, whatever the input was: an error of the service, an error in a format that is not the
// caller's, a body that cannot be read.
import type { ScimType } from '../../src/scim/errors.ts'
import { errorUrn } from '../support/protocol.ts'
import type { Ask, Got } from './ask.ts'

/** All of RFC 7644 table 9 and RFC 9865 section 2.1: a type that is missing here does not compile. */
const scimTypes: Readonly<Record<ScimType, true>> = {
  invalidFilter: true,
  tooMany: true,
  uniqueness: true,
  mutability: true,
  invalidSyntax: true,
  invalidPath: true,
  noTarget: true,
  invalidValue: true,
  invalidVers: true,
  sensitive: true,
  invalidCursor: true,
  expiredCursor: true,
  invalidCount: true,
}

/** Answered so on purpose: one path (RFC 7644 section 3.11), and methods that no endpoint takes (RFC 9110 section 9.1). */
const isAnsweredWith501 = ({ method, path }: Ask): boolean =>
  /^\/+scim\/+v2\/+Me\b/.test(path) || !knownMethods.includes(method)

const knownMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY']

/** null: nothing. */
export function faultOf(ask: Ask, got: Got | null): string | null {
  if (got === null) return 'no answer'
  const { status, body } = got
  if (status >= 500 && !(status === 501 && isAnsweredWith501(ask))) return `${status}: ${body.slice(0, 300)}`
  if (ask.method === 'HEAD' || status === 204 || status === 304)
    return body === '' ? null : 'a body that nobody may send'
  if (status < 400) return bulkFault(ask, got) ?? bodyFault(got)
  return isScim(ask) ? scimFault(got) : problemFault(got)
}

const isScim = ({ path }: Ask): boolean => /^\/+scim(?:[/?#]|$)/.test(path)

function scimFault({ status, contentType, body }: Got): string | null {
  if (contentType !== 'application/scim+json; charset=utf-8') return `a SCIM error as ${contentType}`
  const error = objectIn(body)
  if (error === null) return 'a SCIM error that is no JSON'
  return errorFault(error, status)
}

function errorFault(error: Fields, status: number): string | null {
  const { schemas, status: said, scimType, detail, ...more } = error
  if (JSON.stringify(schemas) !== JSON.stringify([errorUrn])) return 'a SCIM error without its schema'
  if (said !== String(status)) return `a SCIM error of the status ${said}, answered ${status}`
  if (typeof detail !== 'string' || detail === '') return 'a SCIM error without detail'
  if (Object.keys(more).length > 0) return `a SCIM error with ${Object.keys(more).join(', ')}`
  if (scimType === undefined) return status === 400 ? 'a 400 without scimType' : null
  return typeof scimType === 'string' && Object.hasOwn(scimTypes, scimType)
    ? null
    : `the scimType ${scimType}`
}

/** What came of each operation of a bulk request is an answer of its own. */
function bulkFault({ path }: Ask, { body }: Got): string | null {
  if (!path.startsWith('/scim/v2/Bulk')) return null
  const operations = objectIn(body)?.Operations
  if (!Array.isArray(operations)) return 'a bulk response without Operations'
  for (const operation of operations) {
    const { status, response } = isFields(operation) ? operation : {}
    const number = Number(status)
    if (!(number >= 200 && number < 500))
      return `an operation of a bulk with ${status}: ${JSON.stringify(response)}`
    const fault =
      number < 400
        ? null
        : isFields(response)
          ? errorFault(response, number)
          : 'an operation that failed without a word'
    if (fault !== null) return fault
  }
  return null
}

function problemFault({ status, contentType, body }: Got): string | null {
  if (contentType !== 'application/problem+json; charset=utf-8') return `a problem as ${contentType}`
  const problem = objectIn(body)
  if (problem === null) return 'a problem that is no JSON'
  const { type, title, status: said, detail } = problem
  if (type !== 'about:blank' || typeof title !== 'string' || typeof detail !== 'string')
    return 'half a problem'
  return said === status ? null : `a problem of the status ${said}, answered ${status}`
}

function bodyFault({ contentType, body }: Got): string | null {
  if (!contentType.includes('json')) return null
  return jsonIn(body) === undefined ? 'a body that is no JSON' : null
}

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function objectIn(text: string): Fields | null {
  const value = jsonIn(text)
  return isFields(value) ? value : null
}

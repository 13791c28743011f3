// Answers of the admin API held to its document: the route is in it, the status, the type and the body are as it says.
import type { Document, Operation } from '../../src/http/openapi/document.ts'
import { type SchemaCheck, schemaCheckOf } from './schema-check.ts'

export interface Answered {
  readonly method: string
  /** with the query */
  readonly url: string
  readonly status: number
  readonly contentType: string | null
  readonly body: string
}

/** What of an answer is not as the document says; null where all is. */
export type Contract = (answered: Answered) => string | null

export function contractOf(document: Document): Contract {
  const check = schemaCheckOf(document)
  return (answered) => {
    const fault = faultOf(document, check, answered)
    return fault === null ? null : `${answered.method} ${answered.url} → ${answered.status}: ${fault}`
  }
}

function faultOf(document: Document, check: SchemaCheck, answered: Answered): string | null {
  const { method, url, status, contentType, body } = answered
  const found = findOperation(document, method === 'HEAD' ? 'GET' : method, url)
  if (found === null) {
    // the methods that a path does not have, and the paths that are none, have nothing but problems
    if (status < 400) return 'the document has no such operation'
    return problemFault(document, check, answered)
  }
  const answer = found.operation.responses[status]
  if (answer === undefined) return 'the document does not have this status'
  if (method === 'HEAD') return null
  const content = answer.content ?? {}
  if (Object.keys(content).length === 0) return body === '' ? null : 'the document has no body here'
  const type = (contentType ?? '').split(';')[0] ?? ''
  const schema = content[type]?.schema
  if (schema === undefined) return `the document does not have the type ${type}`
  return type.endsWith('json') ? jsonFault(check, schema, body) : null
}

function problemFault({ components }: Document, check: SchemaCheck, answered: Answered): string | null {
  const { method, contentType, body } = answered
  if (!contentType?.startsWith('application/problem+json')) return `an error of the type ${contentType}`
  const { Problem } = components.schemas
  if (Problem === undefined) return 'the document has no Problem'
  return method === 'HEAD' ? null : jsonFault(check, Problem, body)
}

function jsonFault(check: SchemaCheck, schema: Parameters<SchemaCheck>[0], body: string): string | null {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    return 'the body is no JSON'
  }
  return check(schema, value)
}

/** The operation that a request reaches; null where the document has none. */
export function findOperation(
  { paths }: Document,
  method: string,
  url: string,
): { readonly path: string; readonly operation: Operation } | null {
  const [path = ''] = url.split(/[?#]/)
  const plain = path.replace(/\/{2,}/g, '/').replace(/(.)\/$/, '$1')
  const [found] = Object.entries(paths)
    .filter(([template]) => patternOf(template).test(plain))
    // what is said in letters goes before a parameter: `{id}` would be `…:test` too
    .sort(([a], [b]) => lettersOf(b) - lettersOf(a))
  const operation = found?.[1][method.toLowerCase()]
  return found === undefined || operation === undefined ? null : { path: found[0], operation }
}

const lettersOf = (template: string): number => template.replace(/\{\w+\}/g, '').length

/** A verb after a colon belongs to an id without one, however it is written: `{id}:test` is not `a%3Ab:test`. */
const patternOf = (template: string): RegExp => {
  const parameter = template.includes(':') ? '(?:(?!%3[aA])[^/:])+' : '[^/]+'
  const pattern = template.replace(/[.*+?^$|()[\]\\]/g, '\\$&').replace(/\{\w+\}/g, parameter)
  return new RegExp(`^${pattern}$`)
}

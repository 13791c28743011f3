// The body of POST /Bulk (RFC 7644 section 3.7) → operations. What makes the whole request unreadable is thrown; what is
// wrong with one operation is its fault, told in its place while the others run.
import { invalidSyntax, invalidValue, ScimError } from './errors.ts'
import { field, requireSchema } from './message.ts'
import { isArray, isObject, type Json, type JsonObject } from './resource.ts'
import { builtInTypes } from './resource-types.ts'
import type { ResourceType } from './schema.ts'
import type { Note } from './tolerance.ts'
import { requireObject } from './validate.ts'

export const MAX_BULK_OPERATIONS = 1000

export const bulkRequestSchema = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest'
export const bulkResponseSchema = 'urn:ietf:params:scim:api:messages:2.0:BulkResponse'

const methods = ['POST', 'PUT', 'PATCH', 'DELETE'] as const
export type BulkMethod = (typeof methods)[number]

export interface BulkRequest {
  /** the number of errors after which nothing more is run; Infinity where the client gives none */
  readonly failOnErrors: number
  readonly operations: readonly BulkOperation[]
}

export interface BulkOperation {
  readonly method: BulkMethod
  readonly bulkId: string | null
  /** as the client gave it; null where it is no text */
  readonly path: string | null
  readonly work: BulkWork | ScimError
}

/** What an operation is to do; its fault takes this place where it cannot be done. */
export interface BulkWork {
  readonly type: ResourceType
  /** the resource, or `bulkId:` and what names the operation that creates it; null for a POST */
  readonly id: string | null
  readonly data: Json | undefined
  readonly ifMatch: string | undefined
}

/** Reads the request. Throws invalidSyntax naming the operation at fault, 413 for more than MAX_BULK_OPERATIONS. */
export function parseBulk(body: unknown, note: Note): BulkRequest {
  const object = requireObject(body)
  requireSchema(object, bulkRequestSchema)
  if (field(object, 'schemas') === undefined) note('missingSchemas', bulkRequestSchema)
  const failOnErrors = parseFailOnErrors(field(object, 'failOnErrors'))
  const given = field(object, 'Operations')
  if (given === undefined || !isArray(given)) {
    throw invalidSyntax('Operations must be a list with at least one operation.')
  }
  if (given.length > MAX_BULK_OPERATIONS) {
    const detail = `The request has ${given.length} Operations: more than maxOperations (${MAX_BULK_OPERATIONS}).`
    throw new ScimError(413, null, detail)
  }
  const operations = given.map((operation, i) => parseOperation(operation, `Operations[${i}]`))
  requireDistinct(operations)
  return { failOnErrors, operations }
}

function parseFailOnErrors(value: Json | undefined): number {
  if (value === undefined) return Number.POSITIVE_INFINITY
  if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value
  throw invalidValue('failOnErrors must be a whole number of at least 1.')
}

function parseOperation(operation: Json, where: string): BulkOperation {
  if (!isObject(operation)) throw invalidSyntax(`${where} must be an object.`)
  const method = methods.find((known) => known === field(operation, 'method'))
  if (method === undefined) throw invalidSyntax(`${where}.method must be ${methods.join(', ')}.`)
  const bulkId = field(operation, 'bulkId') ?? null
  if (bulkId !== null && typeof bulkId !== 'string') throw invalidSyntax(`${where}.bulkId must be a string.`)
  const path = field(operation, 'path')
  const work = orFault(() => parseWork(method, bulkId, operation, where))
  return { method, bulkId, path: typeof path === 'string' ? path : null, work }
}

function orFault<T>(parse: () => T): T | ScimError {
  try {
    return parse()
  } catch (error) {
    if (error instanceof ScimError) return error
    throw error
  }
}

/** Two operations of one bulkId would leave open which of them a reference means. */
function requireDistinct(operations: readonly BulkOperation[]): void {
  const seen = new Map<string, number>()
  for (const [i, { bulkId }] of operations.entries()) {
    if (bulkId === null) continue
    const first = seen.get(bulkId)
    if (first !== undefined) {
      throw invalidSyntax(`Operations[${i}].bulkId is the same as that of Operations[${first}].`)
    }
    seen.set(bulkId, i)
  }
}

function parseWork(
  method: BulkMethod,
  bulkId: string | null,
  operation: JsonObject,
  where: string,
): BulkWork {
  if (method === 'POST' && bulkId === null) throw invalidSyntax(`${where}.bulkId is required for a POST.`)
  const target = parsePath(method, field(operation, 'path'), where)
  const version = field(operation, 'version')
  if (version !== undefined && typeof version !== 'string') {
    throw invalidSyntax(`${where}.version must be a string.`)
  }
  const data = field(operation, 'data')
  if (data === undefined && method !== 'DELETE') throw invalidSyntax(`${where}.data is required.`)
  return { ...target, data, ifMatch: method === 'POST' ? undefined : version }
}

const resourceTypes = Object.values(builtInTypes)

/** `/Users`, `/Users/{id}` or `/Users/bulkId:{bulkId}`, from the root of the service provider. */
const PATH = /^\/?([A-Za-z]+)(?:\/(bulkId:.+|[^/?#]+))?\/?$/
const MAX_PATH_LENGTH = 1000

function parsePath(method: BulkMethod, path: Json | undefined, where: string) {
  const parts = typeof path === 'string' && path.length <= MAX_PATH_LENGTH ? PATH.exec(path) : null
  const type = resourceTypes.find(({ endpoint }) => endpoint === `/${parts?.[1]}`)
  const id = parts?.[2] ?? null
  const isFitting = (method === 'POST') === (id === null)
  if (type !== undefined && isFitting) return { type, id }
  const paths = resourceTypes.map(({ endpoint }) => (method === 'POST' ? endpoint : `${endpoint}/{id}`))
  throw invalidSyntax(`${where}.path of a ${method} must be ${paths.join(' or ')}.`)
}

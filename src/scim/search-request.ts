// The body of POST /.search (RFC 7644 section 3.4.3): the query of a list, for what does not fit into a URL.
import { invalidSyntax } from './errors.ts'
import { type Page, parsePage } from './list.ts'
import { field, requireSchema } from './message.ts'
import { isArray, type JsonObject, valueOfKey } from './resource.ts'
import { requireObject } from './validate.ts'

export const searchRequestSchema = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest'

/** A search as it was asked for; what its names mean depends on the resource type. */
export interface SearchRequest {
  readonly filter: string | undefined
  readonly sortBy: string | undefined
  readonly sortOrder: string | undefined
  readonly attributes: string | undefined
  readonly excludedAttributes: string | undefined
  readonly page: Page
}

/** Reads the body. Throws invalidSyntax naming the field that has another type than it should. */
export function parseSearchRequest(body: unknown): SearchRequest {
  const object = requireObject(body)
  requireSchema(object, searchRequestSchema)
  return {
    filter: text(object, 'filter'),
    sortBy: text(object, 'sortBy'),
    sortOrder: text(object, 'sortOrder'),
    attributes: names(object, 'attributes'),
    excludedAttributes: names(object, 'excludedAttributes'),
    page: parsePage({
      startIndex: number(object, 'startIndex'),
      count: number(object, 'count'),
      cursor: cursor(object),
    }),
  }
}

function text(object: JsonObject, name: string): string | undefined {
  const value = field(object, name)
  if (value === undefined || typeof value === 'string') return value
  throw invalidSyntax(`${name} must be a string.`)
}

function number(object: JsonObject, name: string): string | undefined {
  const value = field(object, name)
  // as text too, which the client of SCIM-SDK for Java sends: it is read as in a URL
  if (value === undefined || typeof value === 'string') return value
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  throw invalidSyntax(`${name} must be a whole number.`)
}

/** Empty text is the cursor of the first page (RFC 9865 section 3), not an unassigned one. */
function cursor(object: JsonObject): string | undefined {
  return valueOfKey(object, 'cursor') === '' ? '' : text(object, 'cursor')
}

/** A list of attribute names, as the query of a URL has it; one string with commas will do. */
function names(object: JsonObject, name: string): string | undefined {
  const value = field(object, name)
  if (value === undefined || typeof value === 'string') return value
  if (!isArray(value) || !value.every((each) => typeof each === 'string')) {
    throw invalidSyntax(`${name} must be a list of attribute names.`)
  }
  return value.join(',')
}

// The body of POST /.search (RFC 7644 section 3.4.3): the query of a list, for what does not fit into a URL.
import { invalidSyntax } from './errors.ts'
import { type Page, parsePage } from './list.ts'
import { field, requireSchema } from './message.ts'
import { type Projection, parseProjection } from './project.ts'
import { isArray, type JsonObject } from './resource.ts'
import type { ResourceType } from './schema.ts'
import { requireObject } from './validate.ts'

export const searchRequestSchema = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest'

export interface SearchRequest {
  readonly filter: string | undefined
  readonly page: Page
  readonly projection: Projection
}

/** Reads the body. Throws invalidSyntax naming the field that has another type than it should. */
export function parseSearchRequest(body: unknown, type: ResourceType): SearchRequest {
  const object = requireObject(body)
  requireSchema(object, searchRequestSchema)
  const [attributes, excluded] = [names(object, 'attributes'), names(object, 'excludedAttributes')]
  return {
    filter: text(object, 'filter'),
    page: parsePage(number(object, 'startIndex'), number(object, 'count')),
    projection: parseProjection(attributes, excluded, type),
  }
}

function text(object: JsonObject, name: string): string | undefined {
  const value = field(object, name)
  if (value === undefined || typeof value === 'string') return value
  throw invalidSyntax(`${name} must be a string.`)
}

function number(object: JsonObject, name: string): string | undefined {
  const value = field(object, name)
  if (value === undefined) return undefined
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  throw invalidSyntax(`${name} must be a whole number.`)
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

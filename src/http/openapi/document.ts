// The OpenAPI 3.1 document of the admin API: made by @fastify/swagger from the schemas of its routes, and completed
// with what follows from method and path, so that a route says only what is its own.
import { STATUS_CODES } from 'node:http'
import { type JsonSchema, withComponents } from './components.ts'
import { operationIdOf, tagOf } from './operation.ts'
import { problemStatuses } from './problems.ts'
import { type RequestBody, requestBodyOf } from './request-body.ts'

export interface Document {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly servers: readonly { readonly url: string }[]
  readonly tags: readonly { readonly name: string }[]
  readonly paths: Readonly<Record<string, PathItem>>
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> }
}

export type PathItem = Readonly<Record<string, Operation>>

export interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description?: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: RequestBody
  readonly responses: Readonly<Record<string, Answer>>
}

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required?: boolean
  readonly description?: string
  readonly schema: JsonSchema
}

export type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>

export interface Answer {
  readonly description: string
  readonly content?: Content
}

/** A document as @fastify/swagger makes it: operations need not have names yet. */
export interface Draft extends Omit<Document, 'tags' | 'paths' | 'components'> {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DraftOperation>>>>
  readonly components: object
}
type DraftOperation = Omit<Operation, 'operationId' | 'tags'> &
  Partial<Pick<Operation, 'operationId' | 'tags'>>

/** The name that @fastify/swagger gives an answer without a description. */
const UNDESCRIBED = 'Default Response'

/** Every POST takes it. */
const idempotencyKey: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Sent again with the same key, the request is answered as it was, and nothing happens again.',
  schema: { type: 'string', minLength: 1 },
}

/** `prefix` is of every path, and `problem` the schema of every error. */
export function completed(draft: Draft, prefix: string, problem: JsonSchema): Document {
  const named = mapped(draft.paths, (item, path) =>
    mapped(item, (operation, method) => {
      const ownPath = path.slice(prefix.length)
      return {
        ...operation,
        operationId: operation.operationId ?? operationIdOf(method.toUpperCase(), ownPath),
        tags: operation.tags ?? [tagOf(ownPath)],
        ...(method === 'post' ? { parameters: [...(operation.parameters ?? []), idempotencyKey] } : {}),
        ...(operation.requestBody === undefined ? {} : { requestBody: requestBodyOf(operation.requestBody) }),
        responses: withProblems(operation, { method: method.toUpperCase(), path }, problem),
      }
    }),
  )
  const tags = Object.values(named).flatMap((item) => Object.values(item).flatMap((each) => each.tags))
  const { paths, schemas } = withComponents(named)
  return {
    ...draft,
    tags: [...new Set(tags)].map((name) => ({ name })),
    paths,
    components: { ...draft.components, schemas },
  }
}

/** The answers that the route names, and the problems that any route of its kind can have. */
function withProblems(
  { parameters = [], responses }: DraftOperation,
  route: { readonly method: string; readonly path: string },
  problem: JsonSchema,
): Operation['responses'] {
  const headers = parameters.filter((each) => each.in === 'header').map(({ name }) => name.toLowerCase())
  const problems = problemStatuses({ ...route, headers }).map((status) => [
    status,
    { description: UNDESCRIBED },
  ])
  return mapped(
    { ...Object.fromEntries(problems), ...responses },
    (answer: Answer, status): Answer => ({
      ...answer,
      description: answer.description === UNDESCRIBED ? (STATUS_CODES[status] ?? status) : answer.description,
      ...(Number(status) >= 400 ? { content: { 'application/problem+json': { schema: problem } } } : {}),
    }),
  )
}

const mapped = <T, U>(
  record: Readonly<Record<string, T>>,
  map: (value: T, key: string) => U,
): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]))

// Examples of the documentation held to the document of the admin API: method, path, query, headers, body and answer.
import type { JsonSchema } from '../../src/http/openapi/components.ts'
import type { Document, Operation, Parameter } from '../../src/http/openapi/document.ts'
import { findOperation } from './contract.ts'
import type { Example } from './examples.ts'
import { type SchemaCheck, schemaCheckOf } from './schema-check.ts'

/** Stands for every id that a page names by a variable. */
const ANY_ID = '01a20aea-59ca-7402-8f9a-ff8dc56dce1f'
/** Said of every request, and so of no operation. */
const COMMON_HEADERS = ['authorization', 'content-type', 'accept']

/** A path of the page with values where it has variables: `$ORG` or `{userId}`. */
export const filledIn = (path: string): string => path.replace(/\$[A-Z]+|\{\w+\}/g, ANY_ID)

/** What is wrong with an example of the admin API; nothing where it is right. */
export function exampleFaults(document: Document): (example: Example) => string[] {
  const check = schemaCheckOf(document)
  return (example) => {
    const url = filledIn(example.url.replace(/^\$API/, '/v1'))
    const found = findOperation(document, example.method, url)
    if (found === null) return [`there is no ${example.method} ${url}`]
    const { operation } = found
    return [
      ...queryFaults(check, operation, url),
      ...headerFaults(operation, example),
      ...bodyFaults(check, operation, example.body),
      ...(example.answer === null ? [] : answerFaults(check, operation, example.answer)),
    ]
  }
}

const parametersOf = ({ parameters = [] }: Operation, place: Parameter['in']): Parameter[] =>
  parameters.filter((each) => each.in === place)

function queryFaults(check: SchemaCheck, operation: Operation, url: string): string[] {
  const given = new URL(url, 'http://localhost').searchParams
  const known = parametersOf(operation, 'query')
  const unknown = [...given.keys()].filter((name) => !known.some((each) => each.name === name))
  const missing = known.filter(({ name, required }) => required === true && !given.has(name))
  const wrong = known.flatMap(({ name, schema }) => {
    const fault = given.has(name) ? check(schema, given.get(name)) : null
    return fault === null ? [] : [`the parameter ${name}: ${fault}`]
  })
  return [
    ...unknown.map((name) => `there is no parameter ${name}`),
    ...missing.map(({ name }) => `the parameter ${name} is missing`),
    ...wrong,
  ]
}

function headerFaults(operation: Operation, { headers, body }: Example): string[] {
  const known = [
    ...COMMON_HEADERS,
    ...parametersOf(operation, 'header').map(({ name }) => name.toLowerCase()),
  ]
  const unknown = Object.keys(headers).filter((name) => !known.includes(name))
  const isJson = headers['content-type'] === 'application/json'
  return [
    ...unknown.map((name) => `there is no header ${name}`),
    ...(headers.authorization?.startsWith('Bearer rollcall_adm_') ? [] : ['the admin token is missing']),
    ...(body === null || isJson ? [] : ['the content type of the body is missing']),
  ]
}

function bodyFaults(check: SchemaCheck, { requestBody }: Operation, body: string | null): string[] {
  if (requestBody === undefined) return body === null ? [] : ['there is no body']
  if (body === null) return requestBody.required === true ? ['the body is missing'] : []
  const fault = jsonFault(check, requestBody.content['application/json']?.schema ?? false, filledInJson(body))
  return fault === null ? [] : [`the body: ${fault}`]
}

/** A body of the page: braces are JSON's there, and what a reader has to fill in is an ellipsis. */
const filledInJson = (body: string): string => body.replace(/\$[A-Z]+/g, ANY_ID).replaceAll('…', 'x')

/** The answer must be one of those that the document has: of a problem, that with its status. */
function answerFaults(check: SchemaCheck, { responses }: Operation, answer: string): string[] {
  const faults = Object.entries(responses).flatMap(([status, { content = {} }]) =>
    Object.entries(content)
      .filter(([type]) => type.endsWith('json'))
      .map(([, { schema }]) => statusFault(status, answer) ?? jsonFault(check, schema, answer)),
  )
  return faults.includes(null)
    ? []
    : [`the answer: ${faults.filter((fault) => fault !== null).join('; or ')}`]
}

function statusFault(status: string, answer: string): string | null {
  const [, said] = /"status":(\d+)/.exec(answer) ?? []
  if (Number(status) < 400) return null
  return said === status ? null : `not of status ${status}`
}

function jsonFault(check: SchemaCheck, schema: JsonSchema, text: string): string | null {
  try {
    return check(schema, JSON.parse(text))
  } catch (error) {
    return error instanceof SyntaxError ? 'no JSON' : String(error)
  }
}

// Reading JSON bodies, the same for all APIs.
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** Far more than any request needs, and far less than what a recursive function falls over. */
export const MAX_JSON_DEPTH = 100

type Parser = ReturnType<FastifyInstance['getDefaultJsonParser']>

class TooDeep extends Error {
  readonly statusCode = 400
}

/** Refuses `__proto__` and `constructor`, and what is nested deeper than MAX_JSON_DEPTH. */
export function jsonParser(scope: FastifyInstance): Parser {
  const parse = scope.getDefaultJsonParser('error', 'error')
  return (request, body, done) => {
    if (isTooDeep(body)) done(new TooDeep(`The body is nested deeper than ${MAX_JSON_DEPTH} levels.`))
    else parse(request, body, done)
  }
}

/**
 * Takes JSON of the content types alone; anything else is 415. An empty body is none: clients send a content type with
 * DELETE too.
 */
export function parseJsonBodies(scope: FastifyInstance, contentTypes: string[]): void {
  const parse = jsonParser(scope)
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser<string>(
    contentTypes,
    { parseAs: 'string' },
    (request: FastifyRequest, body, done) => {
      if (body === '') done(null, undefined)
      else parse(request, body, done)
    },
  )
}

/** Counts brackets outside of strings: of what is no JSON it may say anything, since the parser refuses that. */
function isTooDeep(text: string): boolean {
  let depth = 0
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i]
    if (character === '"') i = endOfString(text, i)
    else if (character === '[' || character === '{') depth += 1
    else if (character === ']' || character === '}') depth -= 1
    if (depth > MAX_JSON_DEPTH) return true
  }
  return false
}

/** The quote that ends the string which begins at `start`: the next that no odd number of backslashes stands before. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let first = end
    while (text[first - 1] === '\\') first -= 1
    if ((end - first) % 2 === 0) return end
  }
  return text.length
}

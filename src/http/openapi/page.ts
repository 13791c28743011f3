// The document as a page to read: one file of HTML without any script, so that it shows the same everywhere.
import { COMPONENTS, type JsonSchema } from './components.ts'
import type { Answer, Document, Operation, Parameter } from './document.ts'
import { escaped, prose } from './html.ts'
import { anchorOf, row, schemaHtml, typeHtml } from './page-schema.ts'

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d8dce2, #3a3f47); --soft: light-dark(#5b6470, #9aa3af) }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 3rem; border-bottom: 1px solid var(--line) }
h3 { margin: 2.5rem 0 0; font-size: 1rem; font-weight: 500; overflow-wrap: anywhere }
h4 { margin: 1rem 0 0; font-size: .85rem; color: var(--soft) }
code { font: .9em ui-monospace, monospace }
small { color: var(--soft) }
p { margin: .25rem 0 }
nav ul { columns: 18rem; padding-left: 1.2rem }
table { border-collapse: collapse; margin: .25rem 0; width: 100% }
th, td { border-top: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top }
th { width: 30%; font-weight: 400; overflow-wrap: anywhere }
`
/** Of the text of STYLE, as a test holds it: the one style that a browser may apply. */
const STYLE_HASH = 'sha256-ni/xFxCH5tDQoEFq2SYgo5yFJHuFzdJ+LeHuKbjSC6c='

/** Nothing is loaded, run, framed or sent. */
export const PAGE_POLICY = `default-src 'none'; style-src '${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

export function pageOf(document: Document): string {
  const { title, description } = document.info
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  const parts = document.tags.map(({ name }) => {
    const own = operations.filter(({ operation }) => operation.tags[0] === name)
    return { name, own }
  })
  const index = parts.map(
    ({ name, own }) => `<h4>${escaped(name)}</h4><ul>${own.map(indexEntry).join('')}</ul>`,
  )
  const sections = parts.map(({ name, own }) => `<h2>${escaped(name)}</h2>${own.map(operationHtml).join('')}`)
  const schemas = Object.entries(document.components.schemas).map(
    ([name, schema]) => `<h3 id="${escaped(anchorOf(name))}">${escaped(name)}</h3>${schemaHtml(schema)}`,
  )
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title><style>${STYLE}</style></head>
<body><h1>${escaped(title)}</h1><p>${prose(description)}</p>
<p>The same for programs, as OpenAPI ${escaped(document.openapi)}: <a href="openapi.json">openapi.json</a></p>
<nav>${index.join('')}</nav>
${sections.join('\n')}
<h2>Schemas</h2>${schemas.join('\n')}
</body></html>
`
}

interface Entry {
  readonly path: string
  readonly method: string
  readonly operation: Operation
}

const indexEntry = ({ operation }: Entry): string =>
  `<li><a href="#${escaped(operation.operationId)}">${escaped(operation.summary)}</a></li>`

function operationHtml({ path, method, operation }: Entry): string {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation
  const body = Object.values(requestBody?.content ?? {}).map(({ schema }) => schemaHtml(schema))
  const isOptional = requestBody?.required === false
  return [
    `<section id="${escaped(operationId)}"><h3><strong>${escaped(method)}</strong> <code>${escaped(path)}</code></h3>`,
    `<p><strong>${escaped(summary)}</strong></p>`,
    description === undefined ? '' : `<p>${prose(description)}</p>`,
    parameters.length === 0
      ? ''
      : `<h4>Parameters</h4><table>${inOrder(parameters).map(parameterRow).join('')}</table>`,
    body.length === 0 ? '' : `<h4>Body${isOptional ? ', optional' : ''}</h4>${body.join('')}`,
    answersHtml(responses),
    '</section>',
  ].join('')
}

const places: readonly Parameter['in'][] = ['path', 'query', 'header']
const inOrder = (parameters: readonly Parameter[]): readonly Parameter[] =>
  places.flatMap((place) => parameters.filter((each) => each.in === place))

function parameterRow({ name, in: place, required, schema, description }: Parameter): string {
  const whole = typeof schema === 'object' && description !== undefined ? { ...schema, description } : schema
  return row(place === 'query' ? name : `${name} (${place})`, whole, required === true)
}

/** What went well in full; of the problems, which are all of one form, the statuses. */
function answersHtml(responses: Operation['responses']): string {
  const entries = Object.entries(responses)
  const good = entries
    .filter(([status]) => Number(status) < 400)
    .map(([status, answer]) => answerHtml(status, answer))
  const problems = entries
    .filter(([status]) => Number(status) >= 400)
    .map(([status, { description }]) => `${escaped(status)} ${escaped(description)}`)
  const problem: JsonSchema = { $ref: `${COMPONENTS}Problem` }
  return `${good.join('')}<h4>Problems</h4><p>${typeHtml(problem)}: <small>${problems.join(', ')}</small></p>`
}

function answerHtml(status: string, { description, content = {} }: Answer): string {
  const bodies = Object.entries(content).map(([type, { schema }]) =>
    type === 'application/json'
      ? schemaHtml(schema)
      : `<p>As <code>${escaped(type)}</code>:</p>${schemaHtml(schema)}`,
  )
  return `<h4>${escaped(status)} ${escaped(description)}</h4>${bodies.join('')}`
}

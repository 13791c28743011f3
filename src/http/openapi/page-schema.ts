// A schema as HTML: its type in words, and a table of the fields where it is an object.
import { COMPONENTS, type JsonSchema } from './components.ts'
import { escaped, prose } from './html.ts'

type Keywords = { readonly [keyword: string]: unknown }

export const anchorOf = (component: string): string => `schema-${component}`

/** The type in words, with the fields of objects below. */
export function schemaHtml(schema: JsonSchema): string {
  const fields = innerFields(schema)
  return `<p>${typeHtml(schema)}${described(schema)}</p>${fields}`
}

/** In words, without fields: `list of Member`, `string (uuid) or null`. */
export function typeHtml(schema: JsonSchema): string {
  if (!isKeywords(schema)) return 'anything'
  const { $ref, anyOf, enum: values, const: value, type, items, additionalProperties } = schema
  if (typeof $ref === 'string') return linkTo($ref.slice(COMPONENTS.length))
  if (Array.isArray(anyOf)) return [...new Set(anyOf.map(typeHtml))].join(' or ')
  if (Array.isArray(values)) return values.map(literal).join(', ')
  if (value !== undefined) return literal(value)
  if (type === 'array' && isSchema(items)) return `list of ${typeHtml(items)}`
  if (type === 'object' && isKeywords(additionalProperties))
    return `object of ${typeHtml(additionalProperties)}`
  if (typeof type !== 'string') return 'anything'
  const limits = limitsOf(schema)
  return limits === '' ? escaped(type) : `${escaped(type)} <small>${escaped(limits)}</small>`
}

const linkTo = (component: string): string =>
  `<a href="#${escaped(anchorOf(component))}">${escaped(component)}</a>`

const literal = (value: unknown): string => `<code>${escaped(JSON.stringify(value))}</code>`

const bounds: Readonly<Record<string, string>> = {
  minimum: '≥',
  maximum: '≤',
  minLength: 'at least',
  maxLength: 'at most',
  minItems: 'at least',
  maxItems: 'at most',
}

function limitsOf(schema: Keywords): string {
  const { format } = schema
  const said = Object.entries(bounds).flatMap(([keyword, word]) =>
    typeof schema[keyword] === 'number' ? [`${word} ${schema[keyword].toLocaleString('en')}`] : [],
  )
  return [...(typeof format === 'string' ? [format] : []), ...said].join(', ')
}

/** The fields of the objects that a schema holds, however deep: what has a name of its own is shown there. */
function innerFields(schema: unknown): string {
  if (!isKeywords(schema)) return ''
  const { properties, items, anyOf } = schema
  if (Array.isArray(anyOf)) return anyOf.map(innerFields).join('')
  if (isKeywords(items)) return innerFields(items)
  if (!isKeywords(properties)) return ''
  const required = Array.isArray(schema.required) ? schema.required : []
  const rows = Object.entries(properties).map(([name, field]) => row(name, field, required.includes(name)))
  return `<table>${rows.join('')}</table>`
}

export function row(name: string, schema: unknown, isRequired: boolean): string {
  if (!isSchema(schema)) return ''
  const optional = isRequired ? '' : ' <small>optional</small>'
  const initial =
    isKeywords(schema) && 'default' in schema ? ` <small>else</small> ${literal(schema.default)}` : ''
  const cell = `${typeHtml(schema)}${initial}${described(schema)}${innerFields(schema)}`
  return `<tr><th><code>${escaped(name)}</code>${optional}</th><td>${cell}</td></tr>`
}

const described = (schema: JsonSchema): string =>
  isKeywords(schema) && typeof schema.description === 'string' ? `<br>${prose(schema.description)}` : ''

const isKeywords = (value: unknown): value is Keywords =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isSchema = (value: unknown): value is JsonSchema => typeof value === 'boolean' || isKeywords(value)

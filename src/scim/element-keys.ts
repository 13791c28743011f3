// When two elements of a multi-valued attribute are one (RFC 7643 section 2.4), as keys: a set finds among thousands what
// comparing each with each would be at for minutes.
import { foldText } from './fold.ts'
import { isObject, type Json, type JsonObject } from './resource.ts'
import { type Attribute, findSubAttribute } from './schema.ts'

/**
 * The same for elements with the same value and type, and for those without a value that are the same in everything.
 * Text compares without case, unless its attribute is caseExact (RFC 7643 section 2.2).
 */
export function elementKey(attribute: Attribute, element: Json): string {
  if (!isObject(element)) return `scalar ${JSON.stringify(comparable(attribute, element))}`
  if (element.value !== undefined) return `value ${keyOfParts(attribute, element, ['value', 'type'])}`
  const parts = Object.entries(element).sort(([a], [b]) => (a < b ? -1 : 1))
  return `whole ${JSON.stringify(parts)}`
}

/** The same for elements that have the same in these sub-attributes. */
export const keyOfParts = (attribute: Attribute, element: JsonObject, names: readonly string[]): string =>
  JSON.stringify(names.map((name) => partOf(attribute, element, name)))

function partOf(attribute: Attribute, element: JsonObject, name: string): Json | undefined {
  const sub = findSubAttribute(attribute, name)
  return sub === null ? element[name] : comparable(sub, element[name])
}

const comparable = (attribute: Attribute, value: Json | undefined): Json | undefined =>
  typeof value === 'string' ? foldText(value, attribute) : value

// The value of a comparison against its attribute: whether they compare at all, and the value in the form in which
// documents are searched (RFC 7644 section 3.4.2.2, RFC 7643 section 2.3).
import { canonicalDateTime } from './date-time.ts'
import { invalidFilter } from './errors.ts'
import type { CompareOperator } from './filter.ts'
import type { FilterValue } from './filter-text.ts'
import { foldText } from './fold.ts'
import type { Attribute } from './schema.ts'
import { isStorable } from './value.ts'

/** `literal` is what the client wrote, as a value of the attribute; `value` is what to compare with. */
export interface ComparedValue {
  readonly literal: FilterValue
  readonly value: FilterValue
}

const textOperators: ReadonlySet<CompareOperator> = new Set(['co', 'sw', 'ew'])
const orderOperators: ReadonlySet<CompareOperator> = new Set(['gt', 'ge', 'lt', 'le'])

/**
 * Checks a value other than null against an attribute that is not complex. `name` is how the error names the
 * attribute. Throws invalidFilter.
 */
export function compareValue(
  attribute: Attribute,
  operator: CompareOperator,
  given: FilterValue,
  name: string,
): ComparedValue {
  requireOperator(attribute, operator, name)
  switch (attribute.type) {
    case 'boolean':
      return same(parseBoolean(given, name))
    case 'integer':
    case 'decimal':
      if (typeof given !== 'number') throw invalidFilter(`${name} compares with a number.`)
      return same(given)
    case 'dateTime':
      return parseDateTime(given, name)
    default:
      return parseText(attribute, given, name)
  }
}

/** `gt ge lt le` on Boolean or binary is an error by section 3.4.2.2; parts of anything but text make no sense. */
function requireOperator(attribute: Attribute, operator: CompareOperator, name: string): void {
  const { type } = attribute
  const isText = type === 'string' || type === 'reference'
  const isOrdered = type !== 'boolean' && type !== 'binary'
  if ((textOperators.has(operator) && !isText) || (orderOperators.has(operator) && !isOrdered)) {
    throw invalidFilter(`${name} is of type ${type}, which has no operator "${operator}".`)
  }
}

const same = (value: FilterValue): ComparedValue => ({ literal: value, value })

/** `"True"` is a Boolean where the schema says so (scim.md section 5.3). */
function parseBoolean(given: FilterValue, name: string): boolean {
  if (typeof given === 'boolean') return given
  const text = typeof given === 'string' ? given.toLowerCase() : null
  if (text !== 'true' && text !== 'false') throw invalidFilter(`${name} compares with true or false.`)
  return text === 'true'
}

function parseDateTime(given: FilterValue, name: string): ComparedValue {
  const value = typeof given === 'string' ? canonicalDateTime(given) : null
  if (value === null) throw invalidFilter(`${name} compares with a dateTime such as "2011-05-13T04:42:34Z".`)
  return { literal: given, value }
}

function parseText(attribute: Attribute, given: FilterValue, name: string): ComparedValue {
  if (typeof given !== 'string') throw invalidFilter(`${name} compares with a string, in double quotes.`)
  if (!isStorable(given)) throw invalidFilter(`The value for ${name} has a character that no value can have.`)
  return { literal: given, value: foldText(given, attribute) }
}

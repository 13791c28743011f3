// The search document: a resource in the form in which values are compared (RFC 7643 sections 2.2 and 2.4,
// scim.md section 1 "Case"). What a filter compares with is folded by the same functions.
import { canonicalDateTime } from './date-time.ts'
import { isArray, isObject, type Json, type JsonObject } from './resource.ts'
import {
  type Attribute,
  coreAttributes,
  findAttribute,
  findSubAttribute,
  type ResourceType,
} from './schema.ts'

/**
 * The attributes as filters see them: strings without case where the schema says `caseExact: false`, dateTimes in
 * one spelling, and `primary: false` on each value that does not say whether it is primary.
 * Names must be in canonical spelling; the input is not changed.
 */
export function foldAttributes(attributes: JsonObject, type: ResourceType): JsonObject {
  const core = coreAttributes(type)
  return mapValues(attributes, (key, value) => {
    const extension = type.extensions.find(({ schema }) => schema.id === key)
    return extension === undefined || !isObject(value)
      ? foldNamed(core, key, value)
      : mapValues(value, (name, held) => foldNamed(extension.schema.attributes, name, held))
  })
}

/** One value of a multi-valued complex attribute, as filters see it. */
export function foldElement(element: JsonObject, attribute: Attribute): JsonObject {
  const folded = mapValues(element, (name, value) => foldNamed(attribute.subAttributes ?? [], name, value))
  const hasPrimary = findSubAttribute(attribute, 'primary') !== null
  return hasPrimary && (folded.primary ?? null) === null ? { ...folded, primary: false } : folded
}

/** A string as it is compared, by the type and caseExact of its attribute. */
export function foldText(text: string, attribute: Attribute): string {
  if (attribute.type === 'dateTime') return canonicalDateTime(text) ?? text
  return attribute.caseExact ? text : prepared(text)
}

/** Letters and signs of double or half width, which PRECIS compares as those of the usual one. */
const otherWidth = /[\u3000\uff01-\uffee]/g

/**
 * Text that looks the same compares as the same, as PRECIS has it for user names (RFC 7644 sections 5 and 7.8,
 * RFC 7613 section 3.2): one width, no case, one composition. What it calls disallowed is not refused.
 */
const prepared = (text: string): string => (beyondAscii.test(text) ? preparedWhole(text) : text.toLowerCase())

/** Most text has none of it, and there is nothing to it but case. */
const beyondAscii = /[\u0080-\uffff]/

const preparedWhole = (text: string): string =>
  text
    .replace(otherWidth, (character) => character.normalize('NFKC'))
    .toLowerCase()
    // toLowerCase gives a sigma at the end of a word a form of its own, which would make `sw` and `co` miss it
    .replaceAll('ς', 'σ')
    .normalize('NFC')

function foldNamed(attributes: readonly Attribute[], name: string, value: Json): Json {
  const attribute = findAttribute(attributes, name)
  return attribute === null ? value : foldValue(value, attribute)
}

/** A value of an attribute, one or several, as filters see it. */
export function foldValue(value: Json, attribute: Attribute): Json {
  if (isArray(value)) return value.map((element) => foldValue(element, attribute))
  if (typeof value === 'string') return foldText(value, attribute)
  if (!isObject(value)) return value
  return attribute.multiValued
    ? foldElement(value, attribute)
    : mapValues(value, (name, held) => foldNamed(attribute.subAttributes ?? [], name, held))
}

const mapValues = (object: JsonObject, change: (key: string, value: Json) => Json): JsonObject =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(key, value)]))

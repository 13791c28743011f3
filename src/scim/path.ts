// The paths of PATCH operations (RFC 7644 section 3.5.2, figure 7): `emails[type eq "work"].value`.
import { invalidPath } from './errors.ts'
import { type Filter, MAX_FILTER_LENGTH, parseElementFilter } from './filter.ts'
import { quoted } from './filter-text.ts'
import {
  type Attribute,
  findExtension,
  findSubAttribute,
  findTarget,
  type ResourceType,
  type Schema,
} from './schema.ts'

export const MAX_PATH_LENGTH = MAX_FILTER_LENGTH

/** What a path names: an attribute, some of its elements, a sub-attribute, or a whole extension. */
export interface Path {
  readonly extension: Schema | null
  /** null: the whole extension */
  readonly attribute: Attribute | null
  /** on one element of the attribute, which is then multi-valued */
  readonly filter: Filter | null
  readonly sub: Attribute | null
}

/**
 * Reads a path. Throws invalidPath, or invalidFilter where the filter inside is at fault.
 *
 * @example parsePath('emails[type eq "work"].value', userType)
 */
export function parsePath(text: string, type: ResourceType): Path {
  if (text.length > MAX_PATH_LENGTH) {
    throw invalidPath(`The path has ${text.length} characters; ${MAX_PATH_LENGTH} are allowed.`)
  }
  const path = text.trim()
  if (path.includes('[')) return parseValuePath(path, type)
  const extension = findExtension(type, path)
  if (extension !== null) return { extension, attribute: null, filter: null, sub: null }
  const target = findTarget(type, path)
  if (target === null) throw unknown(path, type)
  return { ...target, filter: null }
}

/** The filter ends at the last bracket: brackets before it are in its strings, or make the filter invalid. */
function parseValuePath(path: string, type: ResourceType): Path {
  const start = path.indexOf('[')
  const end = path.lastIndexOf(']')
  const name = path.slice(0, start).trimEnd()
  const target = findTarget(type, name)
  if (target === null) throw unknown(name, type)
  const { extension, attribute } = target
  if (target.sub !== null || !attribute.multiValued || attribute.type !== 'complex') {
    throw invalidPath(`${quoted(name)} has no elements to choose by a filter.`)
  }
  if (end < start) throw invalidPath('The path lacks a closing "]".')
  const sub = parseSuffix(path.slice(end + 1).trim(), attribute)
  return { extension, attribute, filter: parseElementFilter(path.slice(start + 1, end), attribute), sub }
}

/** What follows the bracket: nothing, or `.value`. */
function parseSuffix(text: string, attribute: Attribute): Attribute | null {
  if (text === '') return null
  if (!text.startsWith('.')) throw invalidPath(`The path has ${quoted(text)} after "]".`)
  const name = text.slice(1).trimStart()
  const sub = findSubAttribute(attribute, name)
  if (sub === null) throw invalidPath(`${attribute.name} has no sub-attribute ${quoted(name)}.`)
  return sub
}

const unknown = (name: string, type: ResourceType) =>
  invalidPath(`${type.name} has no attribute ${quoted(name)}.`)

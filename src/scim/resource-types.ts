// The resource types of a directory: the built-in ones, with the extensions that the directory adds
// (RFC 7643 section 6).
import type { Extension, ResourceType, ResourceTypeName, Schema } from './schema.ts'
import { groupType } from './schemas/group.ts'
import { userType } from './schemas/user.ts'

export type ResourceTypes = Readonly<Record<ResourceTypeName, ResourceType>>

/** What every directory has. */
export const builtInTypes: ResourceTypes = { User: userType, Group: groupType }

export const resourceTypeNames: readonly ResourceTypeName[] = ['User', 'Group']

/** An extension that a directory adds to one of its resource types. */
export interface AddedExtension extends Extension {
  readonly resourceType: ResourceTypeName
}

/** The built-in types with what a directory adds to them, in that order. */
export function typesWith(added: readonly AddedExtension[]): ResourceTypes {
  const extended = (type: ResourceType): ResourceType => ({
    ...type,
    extensions: [...type.extensions, ...added.filter(({ resourceType }) => resourceType === type.name)],
  })
  return { User: extended(userType), Group: extended(groupType) }
}

/** Every schema that the types use, each once: those of the types themselves first. */
export function schemasOf(types: ResourceTypes): Schema[] {
  const all = resourceTypeNames.map((name) => types[name])
  const extensions = all.flatMap((type) => type.extensions.map(({ schema }) => schema))
  return [...all.map(({ schema }) => schema), ...extensions]
}

/**
 * A name that would mean an attribute as well as another schema (RFC 7644 section 3.10), e.g. `urn:x:User` where a schema
 * `urn:x` has an attribute `User` and another schema is `urn:x:User`. Null where each name means one thing.
 */
export function ambiguousName(schemas: readonly Schema[]): string | null {
  const urns = new Set(schemas.map(({ id }) => id.toLowerCase()))
  return schemas.flatMap(qualifiedNames).find((name) => urns.has(name.toLowerCase())) ?? null
}

const qualifiedNames = ({ id, attributes }: Schema): string[] =>
  attributes.flatMap(({ name, subAttributes = [] }) => [
    `${id}:${name}`,
    ...subAttributes.map((sub) => `${id}:${name}.${sub.name}`),
  ])

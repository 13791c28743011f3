// What clients see of a resource beside what they wrote: id, meta and what is computed (RFC 7643 section 3.1).
import type { Json, JsonObject, Meta } from './resource.ts'
import type { ResourceType } from './schema.ts'
import { versionTag } from './version.ts'

export const locationOf = (type: ResourceType, id: string, baseUrl: string): string =>
  `${baseUrl}${type.endpoint}/${id}`

/** `computed` is the attribute that is no part of what clients write: `groups`, `members`. */
export function represent(
  type: ResourceType,
  resource: Meta & { readonly id: string },
  computed: { readonly name: string; readonly values: Json },
  baseUrl: string,
): JsonObject {
  return {
    [computed.name]: computed.values,
    id: resource.id,
    meta: {
      resourceType: type.name,
      created: resource.created.toISOString(),
      lastModified: resource.lastModified.toISOString(),
      location: locationOf(type, resource.id, baseUrl),
      version: versionTag(resource.version),
    },
  }
}

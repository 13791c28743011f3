// A stored resource → the resource that clients see: with id, meta and what is computed (RFC 7643 section 3.1).
import type { Attributes, JsonObject, Meta } from './resource.ts'
import type { ResourceType } from './schema.ts'
import { versionTag } from './version.ts'

export const locationOf = (type: ResourceType, id: string, baseUrl: string): string =>
  `${baseUrl}${type.endpoint}/${id}`

/** `computed` holds the attributes that are no part of what the client wrote: `groups`, `members`. */
export function represent(
  type: ResourceType,
  resource: Meta & { readonly id: string; readonly attributes: Attributes },
  computed: JsonObject,
  baseUrl: string,
): JsonObject {
  return {
    ...resource.attributes,
    ...computed,
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

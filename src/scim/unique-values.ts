// The values of a resource that no other resource of its directory may have, apart from those that a column of its
// table keeps unique: attributes of extensions with a uniqueness of `server` or `global` (RFC 7643 section 7).
import { foldText } from './fold.ts'
import { type Attributes, attributesOf, isArray } from './resource.ts'
import type { Attribute, ResourceType } from './schema.ts'

export interface UniqueValue {
  /** the attribute's qualified name */
  readonly attribute: string
  /** the value as it compares */
  readonly value: string
}

/** Each unique value once. */
export function uniqueValues(attributes: Attributes, type: ResourceType): UniqueValue[] {
  return type.extensions.flatMap(({ schema }) => {
    const held = attributesOf(attributes, schema)
    return schema.attributes
      .filter(({ uniqueness }) => uniqueness !== 'none')
      .flatMap((attribute) =>
        valuesOf(held[attribute.name], attribute).map((value) => ({
          attribute: `${schema.id}:${attribute.name}`,
          value,
        })),
      )
  })
}

function valuesOf(value: Attributes[string] | undefined, attribute: Attribute): string[] {
  if (value === undefined) return []
  const values = isArray(value) ? value : [value]
  return [...new Set(values.map((each) => foldText(String(each), attribute)))]
}

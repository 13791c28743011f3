// Every name that resources of a type can be sorted by.
import type { Attribute, ResourceType } from '../../src/scim/schema.ts'
import { fieldsOf } from './filters.ts'

/** Attributes and sub-attributes, extensions' with their URN; a complex attribute alone where it has a `value`. */
export function sortableNames(type: ResourceType): string[] {
  return fieldsOf(type).flatMap(({ path, attribute }) => {
    const [first = '', second] = path
    const name = second === undefined ? first : `${first}:${second}`
    const parts = attribute.subAttributes ?? []
    return [
      ...(attribute.type !== 'complex' || hasValue(attribute) ? [name] : []),
      ...parts.map((part) => `${name}.${part.name}`),
    ]
  })
}

const hasValue = ({ subAttributes = [] }: Attribute): boolean =>
  subAttributes.some(({ name }) => name === 'value')

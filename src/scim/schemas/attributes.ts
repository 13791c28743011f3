// Short constructors for the schema files: an attribute states only what differs from RFC 7643's defaults.
import type { Attribute } from '../schema.ts'

type Details = Partial<Omit<Attribute, 'name' | 'type' | 'description'>>

const attribute = (
  name: string,
  type: Attribute['type'],
  description: string,
  details: Details = {},
): Attribute => ({
  name,
  type,
  description,
  multiValued: false,
  required: false,
  caseExact: false,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
  ...details,
})

export const string = (name: string, description: string, details?: Details) =>
  attribute(name, 'string', description, details)

export const boolean = (name: string, description: string, details?: Details) =>
  attribute(name, 'boolean', description, details)

export const dateTime = (name: string, description: string, details?: Details) =>
  attribute(name, 'dateTime', description, details)

/** Binary values are base64 text: they compare with case (RFC 7643 section 2.3.6). */
export const binary = (name: string, description: string, details?: Details) =>
  attribute(name, 'binary', description, { caseExact: true, ...details })

/** References compare with case (RFC 7643 section 2.3.7). */
export const reference = (
  name: string,
  description: string,
  referenceTypes: readonly string[],
  details?: Details,
) => attribute(name, 'reference', description, { caseExact: true, referenceTypes, ...details })

export const complex = (
  name: string,
  description: string,
  subAttributes: readonly Attribute[],
  details?: Details,
) => attribute(name, 'complex', description, { subAttributes, ...details })

/**
 * A multi-valued attribute with the sub-attributes of RFC 7643 section 2.4: `value`, `display`, `type`, `primary`.
 * `canonicalTypes` are the usual values of `type`; others are accepted.
 */
export const plural = (
  name: string,
  description: string,
  value: Attribute,
  canonicalTypes: readonly string[],
): Attribute => complex(name, description, [value, ...labels(canonicalTypes)], { multiValued: true })

/** `display`, `type` and `primary`, which tell the values of a multi-valued attribute apart. */
export const labels = (canonicalTypes: readonly string[]): readonly Attribute[] => [
  string('display', 'A name of the value, for people to read.'),
  type(canonicalTypes),
  primary,
]

/** Microsoft's tools find `emails[type eq "work"].value` only if `type` has canonicalValues (scim.md section 1). */
export const type = (canonicalTypes: readonly string[]): Attribute =>
  string(
    'type',
    "What the value is used for, e.g. 'work'.",
    canonicalTypes.length > 0 ? { canonicalValues: canonicalTypes } : {},
  )

export const primary: Attribute = boolean(
  'primary',
  'Whether this is the preferred value. At most one value of the attribute is.',
)

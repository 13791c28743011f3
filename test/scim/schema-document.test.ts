// SCIM Schema documents that administrators write (RFC 7643 section 7), and which changes values allow.
import { describe, expect, test } from 'vitest'
import { schemaDocument } from '../../src/scim/discovery.ts'
import { builtInTypes, schemasOf } from '../../src/scim/resource-types.ts'
import { forbiddenChanges } from '../../src/scim/schema-change.ts'
import { parseSchemaDocument, SchemaFault } from '../../src/scim/schema-document.ts'
import { enterpriseUrn, frozen, groupUrn, userUrn } from '../support/protocol.ts'

const urn = 'urn:example:hr:2.0:User'

const withAttributes = (...attributes: unknown[]) => ({ id: urn, name: 'Hr', attributes })

function faultOf(document: unknown): string {
  try {
    parseSchemaDocument(frozen(document))
  } catch (error) {
    if (error instanceof SchemaFault) return `${error.field}: ${error.message}`
    throw error
  }
  throw new Error('nothing was refused')
}

describe('RFC 7643 7 a document is read', () => {
  test('with the defaults of section 2.2 for what it does not say', () => {
    const [badge, photo, secret] = parseSchemaDocument(
      frozen(
        withAttributes(
          { name: 'badge' },
          { name: 'photo', type: 'reference' },
          { name: 's', mutability: 'writeOnly' },
        ),
      ),
    ).attributes
    expect(badge).toEqual({
      name: 'badge',
      type: 'string',
      description: '',
      multiValued: false,
      required: false,
      caseExact: false,
      mutability: 'readWrite',
      returned: 'default',
      uniqueness: 'none',
    })
    expect(photo?.caseExact).toBe(true)
    expect(secret?.returned).toBe('never')
  })

  test('field names and keywords compare without case', () => {
    const { attributes } = parseSchemaDocument({
      ID: urn,
      Attributes: [{ NAME: 'badge', Type: 'DATETIME', multivalued: true, canonicalvalues: ['a'] }],
    })
    expect(attributes).toMatchObject([
      { name: 'badge', type: 'dateTime', multiValued: true, canonicalValues: ['a'] },
    ])
  })

  test('what is served of a schema reads as that schema, also of the built-in ones', () => {
    for (const schema of schemasOf(builtInTypes)) {
      const served = { ...schemaDocument(schema), id: urn }
      expect(parseSchemaDocument(JSON.parse(JSON.stringify(served)))).toEqual({ ...schema, id: urn })
    }
  })
})

describe('RFC 7643 7 a document is refused, naming the field at fault', () => {
  const complex = (...subAttributes: unknown[]) => ({ name: 'c', type: 'complex', subAttributes })

  test.each<[unknown, string]>([
    [null, ''],
    [[], ''],
    [{ ...withAttributes({ name: 'a' }), id: undefined }, 'id'],
    [{ ...withAttributes({ name: 'a' }), id: 'hr' }, 'id'],
    [{ ...withAttributes({ name: 'a' }), id: 'urn:example:a b' }, 'id'],
    [{ ...withAttributes({ name: 'a' }), id: 'urn:example:hr:' }, 'id'],
    [{ ...withAttributes({ name: 'a' }), id: userUrn }, 'id'],
    [{ ...withAttributes({ name: 'a' }), id: groupUrn.toUpperCase() }, 'id'],
    [{ ...withAttributes({ name: 'a' }), id: enterpriseUrn }, 'id'],
    [{ ...withAttributes({ name: 'a' }), colour: 1 }, 'colour'],
    [{ ...withAttributes({ name: 'a' }), name: 5 }, 'name'],
    [withAttributes(), 'attributes'],
    [{ id: urn, attributes: { name: 'a' } }, 'attributes'],
    [withAttributes(...Array.from({ length: 101 }, (_, i) => ({ name: `a${i}` }))), 'attributes'],
    [withAttributes('a'), 'attributes[0]'],
    [withAttributes({}), 'attributes[0].name'],
    [withAttributes({ name: '1a' }), 'attributes[0].name'],
    [withAttributes({ name: 'a.b' }), 'attributes[0].name'],
    [withAttributes({ name: 'constructor' }), 'attributes[0].name'],
    [withAttributes(complex({ name: 'toString' })), 'attributes[0].subAttributes[0].name'],
    [withAttributes({ name: 'externalId' }), 'attributes[0].name'],
    [withAttributes({ name: 'a' }, { name: 'A' }), 'attributes[1].name'],
    [withAttributes({ name: 'a', type: 'text' }), 'attributes[0].type'],
    [withAttributes({ name: 'a', required: 'yes' }), 'attributes[0].required'],
    [withAttributes({ name: 'a', required: true, mutability: 'readOnly' }), 'attributes[0].required'],
    [withAttributes({ name: 'a', required: true, mutability: 'writeOnly' }), 'attributes[0].required'],
    [withAttributes({ name: 'a', mutability: 'writeOnly', returned: 'default' }), 'attributes[0].returned'],
    [withAttributes({ name: 'a', type: 'boolean', uniqueness: 'server' }), 'attributes[0].uniqueness'],
    [
      withAttributes({ name: 'a', mutability: 'writeOnly', uniqueness: 'server' }),
      'attributes[0].uniqueness',
    ],
    [withAttributes({ name: 'a', canonicalValues: 'x' }), 'attributes[0].canonicalValues'],
    [withAttributes({ name: 'a', canonicalValues: [1] }), 'attributes[0].canonicalValues[0]'],
    [withAttributes({ name: 'a', description: '\u0000' }), 'attributes[0].description'],
    [withAttributes({ name: 'a', mutabilty: 'readOnly' }), 'attributes[0].mutabilty'],
    [withAttributes({ name: 'a', subAttributes: [{ name: 'b' }] }), 'attributes[0].subAttributes'],
    [withAttributes({ name: 'c', type: 'complex' }), 'attributes[0].subAttributes'],
    [withAttributes(complex(complex({ name: 'd' }))), 'attributes[0].subAttributes[0].type'],
    [withAttributes(complex({ name: 'd', multiValued: true })), 'attributes[0].subAttributes[0].multiValued'],
    [
      withAttributes(complex({ name: 'd', uniqueness: 'server' })),
      'attributes[0].subAttributes[0].uniqueness',
    ],
  ])('%j: %s', (document, field) => {
    expect(faultOf(document)).toMatch(new RegExp(`^${field.replace(/[[\].]/g, '\\$&')}: `))
  })
})

describe('RFC 7643 7 a schema whose values are there', () => {
  const before = parseSchemaDocument(
    withAttributes(
      { name: 'badge', caseExact: true },
      {
        name: 'desk',
        type: 'complex',
        subAttributes: [{ name: 'floor', type: 'integer' }, { name: 'room' }],
      },
    ),
  )
  const changed = (...attributes: unknown[]) =>
    forbiddenChanges(before, parseSchemaDocument(withAttributes(...attributes)))
  const [badge, desk] = [
    { name: 'badge', caseExact: true },
    { name: 'desk', type: 'complex', subAttributes: [{ name: 'floor', type: 'integer' }, { name: 'room' }] },
  ]

  test('may gain attributes and change what no value depends on', () => {
    const renewed = {
      ...badge,
      description: 'new',
      returned: 'request',
      mutability: 'immutable',
      required: true,
    }
    const wider = { ...desk, subAttributes: [...desk.subAttributes, { name: 'wing' }] }
    expect(changed(renewed, wider, { name: 'more' })).toEqual([])
  })

  test.each<[unknown[], string[]]>([
    [[badge], ['desk']],
    [[{ ...badge, name: 'Badge' }, desk], ['badge']],
    [[{ ...badge, caseExact: false }, desk], ['badge.caseExact']],
    [
      [{ ...badge, multiValued: true, uniqueness: 'server' }, desk],
      ['badge.multiValued', 'badge.uniqueness'],
    ],
    [
      [badge, { ...desk, subAttributes: [{ name: 'floor' }] }],
      ['desk.floor.type', 'desk.room'],
    ],
  ])('cannot become %j', (attributes, names) => expect(changed(...attributes)).toEqual(names))
})

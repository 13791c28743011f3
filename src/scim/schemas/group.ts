// The Group resource (RFC 7643 sections 4.2 and 8.7.1).
import type { ResourceType, Schema } from '../schema.ts'
import { complex, reference, string } from './attributes.ts'
import { commonAttributes } from './common.ts'

export const groupSchema: Schema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  name: 'Group',
  description: 'Group',
  attributes: [
    string('displayName', 'The name of the group. Unique in the directory.', {
      required: true,
      uniqueness: 'server',
    }),
    complex(
      'members',
      'The direct members of the group: users, and groups whose members are members too.',
      [
        string('value', 'The id of the member.', { caseExact: true, mutability: 'immutable' }),
        reference('$ref', 'The URI of the member.', ['User', 'Group'], { mutability: 'immutable' }),
        string('type', 'The resource type of the member.', {
          mutability: 'immutable',
          canonicalValues: ['User', 'Group'],
        }),
        string('display', 'The name of the member.', { mutability: 'readOnly' }),
      ],
      { multiValued: true },
    ),
  ],
}

export const groupType: ResourceType = {
  name: 'Group',
  endpoint: '/Groups',
  description: 'Group',
  schema: groupSchema,
  extensions: [],
  common: commonAttributes,
}

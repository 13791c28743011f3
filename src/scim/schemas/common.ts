// The attributes that every resource has (RFC 7643 sections 3 and 3.1). Schemas do not list them.
import { complex, dateTime, reference, string } from './attributes.ts'

export const commonAttributes = [
  // a string, which compares without case as URNs of schemas do; references compare with it
  string('schemas', 'The URNs of the schemas that the resource uses.', {
    multiValued: true,
    required: true,
    returned: 'always',
  }),
  string('id', 'The identifier of the resource, given by the service provider.', {
    required: true,
    caseExact: true,
    mutability: 'readOnly',
    returned: 'always',
    uniqueness: 'server',
  }),
  string('externalId', 'The identifier of the resource at the provisioning client.', { caseExact: true }),
  complex(
    'meta',
    'What the service provider knows of the resource itself.',
    [
      string('resourceType', 'The name of the resource type.', { caseExact: true, mutability: 'readOnly' }),
      dateTime('created', 'When the resource was created.', { mutability: 'readOnly' }),
      dateTime('lastModified', 'When the resource was last changed.', { mutability: 'readOnly' }),
      reference('location', 'The URI of the resource.', ['uri'], { mutability: 'readOnly' }),
      string('version', 'The version of the resource: its entity tag.', {
        caseExact: true,
        mutability: 'readOnly',
      }),
    ],
    { mutability: 'readOnly' },
  ),
]

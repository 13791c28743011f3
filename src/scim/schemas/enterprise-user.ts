// The Enterprise User extension (RFC 7643 sections 4.3 and 8.7.1).
import type { Schema } from '../schema.ts'
import { complex, reference, string } from './attributes.ts'

export const enterpriseUserSchema: Schema = {
  id: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  name: 'EnterpriseUser',
  description: 'Enterprise User',
  attributes: [
    string('employeeNumber', 'The number by which the organization knows the user.'),
    string('costCenter', 'The name of a cost center.'),
    string('organization', 'The name of an organization.'),
    string('division', 'The name of a division.'),
    string('department', 'The name of a department.'),
    complex('manager', "The user's manager.", [
      string('value', 'The id of the manager.', { caseExact: true }),
      reference('$ref', "The URI of the manager's User resource.", ['User']),
      string('displayName', 'The displayName of the manager.', { mutability: 'readOnly' }),
    ]),
  ],
}

// What identity providers get wrong and the service accepts (scim.md section 5). Each is counted per directory,
// so an operator can see what an IdP really sends.

export const tolerances = {
  booleanAsText: 'A Boolean as text, e.g. Entra\'s {"path":"active","value":"False"} (scim.md 3 and 5.3)',
  emptyText: 'Empty text that unassigns, e.g. Entra\'s {"path":"title","value":""} (scim.md 3)',
  listForSingle:
    'A list of one where a single value belongs, e.g. Entra\'s manager: [{…}] or title: [{"value":"x"}] (scim.md 5.4)',
  scalarForComplex: 'A plain value where an object belongs, e.g. Entra\'s manager: "id" (scim.md 3 and 5.4)',
  singleForList: 'A single value where a list belongs (scim.md 5.4)',
  objectAsText: "An object as JSON inside a string, e.g. Entra's roles, alone or in their value (scim.md 3)",
  managerId: "OneLogin's manager.managerId for manager.value (scim.md 4)",
  displayNameOfElement:
    "displayName for the display of one of several values, e.g. Entra's roles (scim.md 3)",
  unknownAttribute: 'An attribute that no schema of the resource has: ignored (scim.md 5.7)',
  unknownSchema: 'A URN in schemas that the resource type does not have: ignored (scim.md 5.7)',
  scim1Schema:
    "SCIM 1.1's URN in schemas, from templates of OneLogin that are handed round (scim.md 4 and 5.7)",
  missingSchemas: 'A body without schemas (scim.md 5.7)',
  undeclaredExtension: 'Extension data whose URN is not in schemas, e.g. from Entra (scim.md 3)',
  operationCase: "Add, Replace or Remove in another case, Entra's default (scim.md 3)",
  operationsCase: 'Operations spelled in another case',
  qualifiedKey:
    'A dotted or URN-qualified key in a value without path, e.g. Entra\'s {"name.givenName":"x"} (scim.md 5.5)',
  elementMade: 'Add or replace on a value path that matched nothing: the element was made (scim.md 5.2)',
  removeByValue: "Remove of the elements listed in value, e.g. Entra's removal of members (scim.md 5.1)",
  bareMember: 'A member given as a bare id',
} as const

export type Tolerance = keyof typeof tolerances

/** Told of each tolerance that a request needs, and of the attribute or URN that needed it. */
export type Note = (tolerance: Tolerance, subject: string) => void

// The documents of users and groups as the service would have written them, with marks where they differ: PostgreSQL
// fills the marks, so that a million users take one statement.
import { foldAttributes } from '../../src/scim/fold.ts'
import type { Attributes } from '../../src/scim/resource.ts'
import type { ResourceType } from '../../src/scim/schema.ts'
import { groupType } from '../../src/scim/schemas/group.ts'
import { userType } from '../../src/scim/schemas/user.ts'
import { parseResource } from '../../src/scim/validate.ts'
import { groupName, names, userBody } from '../world.ts'

/** Letters without case, so that the folded document has the same marks. */
const marks = { number: '{0}', givenName: '{1}', familyName: '{2}', department: '{3}' } as const

export interface Templates {
  readonly resource: string
  readonly search: string
}

export const userTemplates = (): Templates => templates(userBody(marks), userType)

export const groupTemplates = (): Templates =>
  templates({ displayName: groupName(0).replace('0', marks.number) }, groupType)

function templates(body: object, type: ResourceType): Templates {
  const attributes: Attributes = parseResource(body, type, () => {})
  return { resource: JSON.stringify(attributes), search: JSON.stringify(foldAttributes(attributes, type)) }
}

/** SQL: the text with the marks filled for number n. `fold` is a function of SQL for the words that are filled in. */
export function filledSql(text: string, fold: '' | 'lower'): string {
  const word = (values: readonly string[]) =>
    `${fold}((ARRAY[${values.map((value) => `'${value}'`).join(', ')}])[1 + n % ${values.length}])`
  const replacements: readonly (readonly [string, string])[] = [
    [marks.number, 'n::text'],
    [marks.givenName, word(names.givenNames)],
    [marks.familyName, word(names.familyNames)],
    [marks.department, word(names.departments)],
  ]
  return replacements.reduce((sql, [mark, value]) => `replace(${sql}, '${mark}', ${value})`, text)
}

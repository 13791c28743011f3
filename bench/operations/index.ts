// What is measured, in this order: what makes the directory grow comes last.
import { firstSyncs } from './first-sync.ts'
import { addManyMembers, changeMember } from './groups.ts'
import type { Operation } from './operation.ts'
import { reads } from './reads.ts'
import { userWrites } from './users.ts'

export const operations: readonly Operation[] = [
  ...reads,
  changeMember,
  addManyMembers,
  ...userWrites,
  ...firstSyncs,
]

/** The operations with these names, all of them where none is named. Throws where there is none of a name. */
export function operationsNamed(names: readonly string[]): readonly Operation[] {
  const unknown = names.filter((name) => !operations.some((operation) => operation.name === name))
  const known = operations.map(({ name }) => name).join(', ')
  if (unknown.length > 0) throw new Error(`There is no operation ${unknown.join(', ')}. There are: ${known}.`)
  return names.length === 0 ? operations : operations.filter(({ name }) => names.includes(name))
}

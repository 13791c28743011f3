// Operations on `members` → steps on membership rows, without loading the group (RFC 7644 section 3.5.2,
// scim.md sections 1, 3 and 5.1). A group of 100,000 members is changed by one row for one member.
import { invalidValue, mutability, noTarget, ScimError } from './errors.ts'
import type { Filter } from './filter.ts'
import type { PatchOperation } from './patch-body.ts'
import { isArray, isObject, isUnassigned, type Json, valueOfKey } from './resource.ts'
import type { Note } from './tolerance.ts'

/** The most members that a request names: what one transaction writes in seconds. */
export const MAX_MEMBERS = 100_000

/** One change to the members of a group. `ids` are as the client gave them: they may name nothing. */
export type MembershipStep =
  | { readonly kind: 'add' | 'remove' | 'replace'; readonly ids: readonly string[] }
  | { readonly kind: 'removeMatching'; readonly filter: Filter }

/**
 * The steps, in order. Removing somebody who is not a member succeeds; a remove with values takes those members
 * only, one without takes all, one with an empty list nobody (scim.md section 5.1).
 */
export function parseMembershipPatch(operations: readonly PatchOperation[], note: Note): MembershipStep[] {
  const steps = operations.flatMap((operation) => parseStep(operation, note))
  requireFewEnough(steps.reduce((sum, step) => sum + ('ids' in step ? step.ids.length : 0), 0))
  return joined(steps)
}

function requireFewEnough(members: number): void {
  if (members <= MAX_MEMBERS) return
  throw new ScimError(413, null, `One request names at most ${MAX_MEMBERS} members: send them in several.`)
}

/** One step for the same thing done several times in a row: clients send an operation for each of thousands. */
function joined(steps: readonly MembershipStep[]): MembershipStep[] {
  const runs: MembershipStep[][] = []
  for (const step of steps) {
    const run = runs.at(-1)
    if (run?.[0]?.kind === step.kind && isJoinable(step)) run.push(step)
    else runs.push([step])
  }
  return runs.flatMap((run) => {
    const [first] = run
    if (first === undefined || !isJoinable(first) || run.length === 1) return run
    const ids = run.flatMap((step) => (isJoinable(step) ? step.ids : []))
    return [{ kind: first.kind, ids: [...new Set(ids)] }]
  })
}

type Joinable = Extract<MembershipStep, { ids: readonly string[] }>

const isJoinable = (step: MembershipStep): step is Joinable => step.kind === 'add' || step.kind === 'remove'

function parseStep({ kind, path, value }: PatchOperation, note: Note): MembershipStep[] {
  if (path.sub !== null) {
    throw mutability(`members.${path.sub.name} is immutable: remove the member and add another.`)
  }
  if (path.filter !== null) {
    if (kind !== 'remove') return [addNamed(path.filter, value, note)]
    const ids = idsOf(path.filter)
    return ids === null ? [{ kind: 'removeMatching', filter: path.filter }] : [{ kind: 'remove', ids }]
  }
  if (kind === 'remove') {
    if (value === undefined || value === null) return [{ kind: 'replace', ids: [] }]
    note('removeByValue', 'members')
  }
  return [{ kind, ids: parseMembers(value, note) }]
}

/**
 * Adds the member that a path names, as an element that such a path makes (scim.md section 5.2). Throws noTarget for a
 * path that names no one, mutability where the value is another member: none is changed in place.
 */
function addNamed(filter: Filter, value: Json | undefined, note: Note): MembershipStep {
  const ids = filter.kind === 'compare' ? idsOf(filter) : null
  if (ids === null) throw noTarget('Only a path such as members[value eq "…"] names a member to add.')
  const isDetail = isObject(value) && valueOfKey(value, 'value') === undefined
  const others = isDetail ? [] : parseMembers(value, note).filter((id) => !ids.includes(id))
  if (others.length > 0) throw mutability('members.value is immutable: remove the member and add another.')
  note('elementMade', 'members')
  return { kind: 'add', ids }
}

/** The ids in a `members` value: objects with `value`, one such object, or bare ids; each once. */
export function parseMembers(value: Json | undefined, note: Note): string[] {
  if (value === undefined || isUnassigned(value)) return []
  if (!isArray(value)) note('singleForList', 'members')
  const elements = isArray(value) ? value : [value]
  requireFewEnough(elements.length)
  return [...new Set(elements.map((element, i) => parseMember(element, i, note)))]
}

function parseMember(element: Json, index: number, note: Note): string {
  if (typeof element === 'string') {
    note('bareMember', 'members')
    return element
  }
  const id = isObject(element) ? valueOfKey(element, 'value') : undefined
  if (typeof id !== 'string' || id === '') {
    throw invalidValue(`members[${index}].value must be the id of a user or group.`)
  }
  return id
}

/** `value eq "a"`, or several joined by `or`: the members are named, no search is needed. */
function idsOf(filter: Filter): string[] | null {
  if (filter.kind === 'or') {
    const parts = filter.filters.map(idsOf)
    return parts.includes(null) ? null : parts.flatMap((ids) => ids ?? [])
  }
  const named = filter.kind === 'compare' && filter.operator === 'eq' && filter.path[0] === 'value'
  return named && typeof filter.value === 'string' ? [filter.value] : null
}

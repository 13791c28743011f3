// E7: which directory user and which member are the same person.
import type { DirectoryUser, Member, Person } from './types.ts'

/**
 * Pairs users with members: by their link, else by e-mail, compared without case. A member linked to another user
 * is somebody else, whatever its e-mail. Members that no user is come as people who are not in the directory.
 */
export function matchPeople(users: readonly DirectoryUser[], members: readonly Member[]): Person[] {
  const linked = new Map(
    members.flatMap((member) => (member.userId === null ? [] : [[member.userId, member]])),
  )
  const unlinked = byEmail(members.filter(({ userId }) => userId === null))
  const matched = new Set<Member>()
  const people = [...users].sort(byId).map((user): Person => {
    const member = linked.get(user.id) ?? unlinked.get(user.emailKey)?.shift() ?? null
    if (member !== null) matched.add(member)
    return { user, member }
  })
  const others = members.filter((member) => !matched.has(member))
  return [...people, ...others.map((member): Person => ({ user: null, member }))]
}

/** What tells people apart within one organization. */
export const personKey = ({ user, member }: Person): string => user?.id ?? member?.id ?? ''

/** An address as E7 compares it. */
export const emailKeyOf = (email: string): string => email.toLowerCase()

const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)

const preference = { active: 0, waiting: 1, removed: 2 }

/** Members by e-mail, those who are in before those who left. */
function byEmail(members: readonly Member[]): Map<string, Member[]> {
  const sorted = [...members].sort((a, b) => preference[a.status] - preference[b.status] || byId(a, b))
  const groups = new Map<string, Member[]>()
  for (const member of sorted) groups.set(member.emailKey, [...(groups.get(member.emailKey) ?? []), member])
  return groups
}

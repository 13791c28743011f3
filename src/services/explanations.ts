// Why somebody is a member, or is not (E10): the evaluator's own answer of this moment, nothing kept from before.
import { evaluate } from '../provisioning/evaluate.ts'
import { explain } from '../provisioning/explain.ts'
import { personKey } from '../provisioning/identity.ts'
import type { Decision, Member, Person, Reason } from '../provisioning/types.ts'
import type { Tx } from '../store/database.ts'
import { groupNames } from '../store/groups.ts'
import type { LockedOrganization } from '../store/locked-organizations.ts'
import { readPeople } from '../store/snapshot.ts'

/** A reason in data and in words. */
export interface ExplainedReason {
  readonly rule: Reason['rule']
  readonly code: Reason['code']
  readonly text: string
  readonly groups: readonly { id: string; displayName: string }[]
}

export interface Explanation {
  readonly decision: Decision['kind']
  readonly reasons: readonly ExplainedReason[]
}

/** What the evaluator says of a person now; null where neither the user nor the member exists. */
export async function explainPerson(
  tx: Tx,
  organization: LockedOrganization,
  wanted: { readonly userId: string } | { readonly memberId: string },
): Promise<{ person: Person; explanation: Explanation } | null> {
  const userIds = 'userId' in wanted ? [wanted.userId] : []
  const memberIds = 'memberId' in wanted ? [wanted.memberId] : []
  const people = await readPeople(tx, organization, { userIds, memberIds, waiting: 'where_freed' })
  const decision = evaluate(people, organization.settings, organization.seats).find(({ person }) =>
    'userId' in wanted ? person.user?.id === wanted.userId : person.member?.id === wanted.memberId,
  )
  if (decision === undefined) return null
  const why = reasonsOf(decision, people, organization)
  const [explanation] = await explainDecisions(tx, organization, [{ kind: decision.kind, why }])
  return explanation === undefined ? null : { person: decision.person, explanation }
}

/** What the evaluator says of these members now, by their ids. */
export async function explainMembers(
  tx: Tx,
  organization: LockedOrganization,
  memberIds: readonly string[],
): Promise<Map<string, Explanation>> {
  const people = await readPeople(tx, organization, { userIds: [], memberIds, waiting: 'where_freed' })
  const decisions = evaluate(people, organization.settings, organization.seats)
  const explained = await explainDecisions(tx, organization, decisions)
  return new Map(
    decisions.flatMap(({ person }, i): [string, Explanation][] => {
      const explanation = explained[i]
      return person.member === null || explanation === undefined ? [] : [[person.member.id, explanation]]
    }),
  )
}

/** Where sign-in decides, the reasons are that, and what the next one would find with the groups that are known. */
function reasonsOf(
  decision: Decision,
  people: readonly Person[],
  { settings, seats }: LockedOrganization,
): readonly Reason[] {
  const [first] = decision.why
  if (first?.code !== 'left_to_sign_in') return decision.why
  const next = evaluate(people, settings, seats, personKey(decision.person))
  return [first, ...(next.find(({ person }) => person === decision.person)?.why ?? [])]
}

/** Decisions with their reasons in words, in the same order. */
export async function explainDecisions(
  tx: Tx,
  organization: LockedOrganization,
  decisions: readonly Pick<Decision, 'kind' | 'why'>[],
): Promise<Explanation[]> {
  const explained = await inWords(
    tx,
    organization,
    decisions.map(({ why }) => why),
  )
  return decisions.map(({ kind }, i) => ({ decision: kind, reasons: explained[i] ?? [] }))
}

/** Lists of reasons in words; the groups of all are looked up at once. */
export async function inWords(
  tx: Tx,
  { directoryId }: LockedOrganization,
  lists: readonly (readonly Reason[])[],
): Promise<ExplainedReason[][]> {
  const groupIds = lists.flat().flatMap(({ groupIds }) => groupIds ?? [])
  const names = await groupNames(tx, directoryId, [...new Set(groupIds)])
  const nameOf = (groupId: string) => names.get(groupId) ?? groupId
  return lists.map((reasons) =>
    reasons.map((reason) => ({
      rule: reason.rule,
      code: reason.code,
      text: explain(reason, nameOf),
      groups: (reason.groupIds ?? []).map((id) => ({ id, displayName: nameOf(id) })),
    })),
  )
}

/** Which groups decide over a member's role and seat, for the error that refuses an administrator (E6). */
export async function decidingGroups(
  tx: Tx,
  organization: LockedOrganization,
  member: Member,
): Promise<string> {
  const explained = await explainPerson(tx, organization, { memberId: member.id })
  const deciding = explained?.explanation.reasons.filter(
    ({ code }) => code === 'role_from_group' || code === 'seat_from_group',
  )
  const words = deciding?.map(({ text }) => text) ?? []
  return words.length > 0 ? words.join(' ') : 'No group gives this member a role: it has the base role.'
}

// Sign-in (domain.md section 6): the application's SSO layer asks whether a person may enter. In mode `jit` the
// question decides: who is allowed joins or changes, who is refused leaves. In the others it changes nothing.
import { emailKeyOf } from '../provisioning/identity.ts'
import { answerSignIn } from '../provisioning/sign-in.ts'
import type { Decision } from '../provisioning/types.ts'
import type { SignIn } from '../store/asserted-groups.ts'
import type { Database, Tx } from '../store/database.ts'
import type { Actor } from '../store/events.ts'
import type { LockedOrganization } from '../store/locked-organizations.ts'
import { findMember, findMembersOf, type StoredMember } from '../store/members.ts'
import { findGroupsNamed, findUserSigningIn, type SignInName } from '../store/sign-ins.ts'
import { Invalid } from './errors.ts'
import { evaluateSignIn } from './evaluation.ts'
import { type ExplainedReason, inWords } from './explanations.ts'
import { getOrganization, lockOrganization } from './organizations.ts'

export interface SignInInput {
  readonly email?: string | undefined
  readonly userName?: string | undefined
  /** names, externalIds or ids of groups; without them those of the directory count */
  readonly groups?: readonly string[] | undefined
}

export interface SignInResult {
  readonly allowed: boolean
  readonly why: readonly ExplainedReason[]
  /** what of `groups` means no group of the directory, and so counts for nothing */
  readonly unknownGroups: readonly string[]
  /** as it is now, also while it waits for a seat; null for who is no member */
  readonly member: StoredMember | null
}

export class SignIns {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Decides, writes and answers in one transaction. Throws NotFound, Invalid where not one name is given. */
  async signIn(actor: Actor, organizationId: string, input: SignInInput): Promise<SignInResult> {
    const name = parseName(input)
    return this.#database.transaction(async (tx) => {
      const { mode } = await getOrganization(tx, organizationId)
      const organization = await (mode === 'jit' ? lockOrganization : getOrganization)(tx, organizationId)
      const { groupIds, unknown } = await readGroups(tx, organization, input.groups)
      const signIn = { ...(await findPerson(tx, organization, name)), groupIds }
      const isKnown = signIn.userId !== null || signIn.memberId !== null
      const decision = isKnown ? await evaluateSignIn(tx, actor, organization, signIn) : null
      const { allowed, why } = answerSignIn(decision, organization.settings)
      const [explained = []] = await inWords(tx, organization, [why])
      return {
        allowed,
        why: explained,
        unknownGroups: unknown,
        member: await memberAfter(tx, organization, decision),
      }
    })
  }
}

function parseName({ email, userName }: SignInInput): SignInName {
  if (email !== undefined && userName === undefined) return { kind: 'email', text: email }
  if (userName !== undefined && email === undefined) return { kind: 'userName', text: userName }
  throw new Invalid('email', 'Give either the email of the person or the userName.')
}

/** The directory user, else a member whom the directory does not have, by e-mail (E7). */
async function findPerson(
  tx: Tx,
  organization: LockedOrganization,
  name: SignInName,
): Promise<Pick<SignIn, 'userId' | 'memberId'>> {
  const userId = await findUserSigningIn(tx, organization, name)
  if (userId !== null) return { userId, memberId: null }
  const found = await findMembersOf(tx, organization, {
    userIds: [],
    emailKeys: [emailKeyOf(name.text)],
    ids: [],
  })
  const rank = ({ status }: StoredMember) => ['active', 'waiting', 'removed'].indexOf(status)
  const [member] = found.sort((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1))
  return { userId: null, memberId: member?.id ?? null }
}

/** The groups of the assertion, where they decide: in mode `jit` with mappings. */
async function readGroups(
  tx: Tx,
  { mode, groupMappings, directoryId }: LockedOrganization,
  names: readonly string[] | undefined,
): Promise<{ groupIds: readonly string[] | null; unknown: readonly string[] }> {
  if (names === undefined || mode !== 'jit' || !groupMappings) return { groupIds: null, unknown: [] }
  const distinct = [...new Set(names)]
  const found = await findGroupsNamed(tx, directoryId, distinct)
  return {
    groupIds: [...new Set([...found.values()].flat())].sort(),
    unknown: distinct.filter((name) => !found.has(name)),
  }
}

async function memberAfter(
  tx: Tx,
  organization: LockedOrganization,
  decision: Decision | null,
): Promise<StoredMember | null> {
  if (decision === null) return null
  const { user, member: before } = decision.person
  const [linked] = await findMembersOf(tx, organization, {
    userIds: user === null ? [] : [user.id],
    emailKeys: [],
    ids: [],
  })
  const member = before === null ? linked : await findMember(tx, organization, before.id)
  return member == null || member.status === 'removed' ? null : member
}

// Removals that the brake holds (S5): who they are and why, until an administrator releases or discards them.
import { BEFORE_ALL_IDS, isId } from '../ids.ts'
import type { Reason } from '../provisioning/types.ts'
import { applyChanges } from '../store/apply.ts'
import type { Database, Tx } from '../store/database.ts'
import type { Actor } from '../store/events.ts'
import { inChunks } from '../store/in-parts.ts'
import type { LockedOrganization } from '../store/locked-organizations.ts'
import { findMembersOf, type StoredMember, searchMembers } from '../store/members.ts'
import { countHeldRemovals, heldMemberIds } from '../store/removals.ts'
import { Invalid } from './errors.ts'
import { evaluateReleased } from './evaluation.ts'
import { type Explanation, explainMembers } from './explanations.ts'
import { getOrganization, lockOrganization } from './organizations.ts'

/** Those whose removal is held: all of them, or some by the ids of the members. */
export type Chosen = 'all' | readonly string[]

export interface HeldRemoval {
  readonly member: StoredMember
  readonly explanation: Explanation
}

export interface Released {
  readonly removed: number
  /** entitled meanwhile, or left to an administrator or a sign-in since the mode changed: they stay */
  readonly kept: number
  /** named, but their removal is not held, or no more */
  readonly notHeld: number
}

export interface Discarded {
  readonly discarded: number
  readonly notHeld: number
}

/** Members looked at and written at a time: what bounds the memory that a release takes. */
const CHUNK = 2000
const byAdministrator: readonly Reason[] = [{ rule: 'S5', code: 'removal_discarded' }]

export class HeldRemovals {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** A page of them in the order of the members' ids, with why each would leave. */
  async list(
    organizationId: string,
    { after, limit }: { readonly after: string | null; readonly limit: number },
  ): Promise<HeldRemoval[]> {
    return this.#database.read(async (tx) => {
      const organization = await getOrganization(tx, organizationId)
      const any = { status: null, role: null, seatType: null, emailKey: null }
      const members = await searchMembers(tx, organization, { ...any, removal: 'held', after, limit })
      const explained = await explainMembers(
        tx,
        organization,
        members.map(({ id }) => id),
      )
      return members.flatMap((member) => {
        const explanation = explained.get(member.id)
        return explanation === undefined ? [] : [{ member, explanation }]
      })
    })
  }

  /** How many removals are held, by the id of each organization that has any. */
  counts(): Promise<ReadonlyMap<string, number>> {
    return countHeldRemovals(this.#database.client)
  }

  /** Lets them go: each is decided on anew, so that who is entitled meanwhile stays. Throws Invalid, NotFound. */
  async release(actor: Actor, organizationId: string, chosen: Chosen): Promise<Released> {
    return this.#database.transaction(async (tx) => {
      const organization = await lockOrganization(tx, organizationId)
      const { held, notHeld } = await choose(tx, organization, chosen)
      let removed = 0
      for (const ids of inChunks(held, CHUNK)) {
        // those before gave seats up
        const now = await lockOrganization(tx, organizationId)
        removed += await evaluateReleased(tx, actor, now, ids)
      }
      return { removed, kept: held.length - removed, notHeld }
    })
  }

  /** The members stay, until they are entitled again or an administrator removes them. Throws Invalid, NotFound. */
  async discard(actor: Actor, organizationId: string, chosen: Chosen): Promise<Discarded> {
    return this.#database.transaction(async (tx) => {
      const organization = await lockOrganization(tx, organizationId)
      const { held, notHeld } = await choose(tx, organization, chosen)
      for (const ids of inChunks(held, CHUNK)) {
        const members = await findMembersOf(tx, organization, { userIds: [], emailKeys: [], ids })
        const changes = members.map((before) => ({
          before,
          after: { ...before, removal: 'discarded' as const },
          why: byAdministrator,
        }))
        await applyChanges(tx, actor, organization, changes)
      }
      return { discarded: held.length, notHeld }
    })
  }
}

/** The ids of those chosen whose removal is held. Throws Invalid for one that is no member of the organization. */
async function choose(
  tx: Tx,
  organization: LockedOrganization,
  chosen: Chosen,
): Promise<{ held: string[]; notHeld: number }> {
  if (chosen === 'all') return { held: await allHeld(tx, organization), notHeld: 0 }
  const ids = [...new Set(chosen)]
  const members = await findMembersOf(tx, organization, { userIds: [], emailKeys: [], ids: ids.filter(isId) })
  const known = new Map(members.map((member) => [member.id, member]))
  const unknown = chosen.findIndex((id) => !known.has(id))
  if (unknown !== -1) {
    throw new Invalid(
      `memberIds[${unknown}]`,
      `The organization has no member ${(chosen[unknown] ?? '').slice(0, 100)}.`,
    )
  }
  const held = ids.filter((id) => known.get(id)?.removal === 'held').sort()
  return { held, notHeld: ids.length - held.length }
}

async function allHeld(tx: Tx, organization: LockedOrganization): Promise<string[]> {
  const held: string[] = []
  for (;;) {
    const ids = await heldMemberIds(tx, organization, { after: held.at(-1) ?? BEFORE_ALL_IDS, limit: CHUNK })
    held.push(...ids)
    if (ids.length < CHUNK) return held
  }
}

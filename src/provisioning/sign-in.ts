// What a sign-in is answered (domain.md section 6): the evaluator's decision, read by what the mode means by it.
import { assignment, isAssigned } from './entitlement.ts'
import type { Decision, Reason, Settings } from './types.ts'

export interface SignInAnswer {
  readonly allowed: boolean
  readonly why: readonly Reason[]
}

/**
 * May this person enter? In mode `jit` by what was just decided; in `manual` and `scim` by what is, whatever an
 * evaluation would make of it. Where a directory decides, whoever is not assigned stays out: the primary owner too
 * (E11), and a member whose removal is held (S5). `decision` is null where nobody of that name is known.
 */
export function answerSignIn(decision: Decision | null, settings: Settings): SignInAnswer {
  const { mode, primaryOwnerId } = settings
  if (decision === null) return { allowed: false, why: mode === 'manual' ? [byHand, noMember] : [unknown] }
  const { kind, person } = decision
  const isIn = mode === 'jit' ? isMemberAfter(decision) : person.member?.status === 'active'
  const allowed = isIn && (mode === 'manual' || isAssigned(person))
  if (mode !== 'manual' && person.member !== null && person.member.id === primaryOwnerId) {
    return { allowed, why: [...decision.why, assignment(person)] }
  }
  // every other refusal is among the evaluator's own reasons
  const isUnexplained = !isIn && (mode === 'manual' || kind === 'join')
  return { allowed, why: isUnexplained ? [...decision.why, noMember] : decision.why }
}

const byHand: Reason = { rule: 'P2', code: 'left_to_administrator' }
const noMember: Reason = { rule: 'P2', code: 'not_a_member' }
const unknown: Reason = { rule: 'E1', code: 'not_in_directory' }

function isMemberAfter({ kind }: Decision): boolean {
  switch (kind) {
    case 'join':
    case 'keep':
    case 'change':
    case 'hold':
      return true
    case 'wait':
    case 'leave':
    case 'out':
      return false
  }
}

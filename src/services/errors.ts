// What a service refuses, without HTTP: the renderers of http/ give it its form.
import type { Warning } from '../provisioning/guard.ts'
import { NoEncryptionKey } from '../secret-box.ts'
import { isUnavailable } from '../store/errors.ts'
import { ClaimLost } from '../store/idempotency-keys.ts'

/** There is no such thing, or it belongs to another tenant: the answer is the same. */
export class NotFound extends Error {
  override readonly name = 'NotFound'

  constructor(kind: string, id: string) {
    super(`${kind} ${id.slice(0, 100)} not found.`)
  }
}

/** Who sends the request cannot show that they may. */
export class Unauthenticated extends Error {
  override readonly name = 'Unauthenticated'
}

/** The token that the request came with may not do this. */
export class Forbidden extends Error {
  override readonly name = 'Forbidden'
}

/** The Idempotency-Key was used for another request. */
export class KeyReused extends Error {
  override readonly name = 'KeyReused'
}

/** The request contradicts what is there. */
export class Conflict extends Error {
  override readonly name = 'Conflict'
}

/** The version in If-Match is not the current one. */
export class VersionChanged extends Error {
  override readonly name = 'VersionChanged'
}

/** The request was read by schemas that changed before it could be carried out. */
export class SchemasChanged extends Error {
  override readonly name = 'SchemasChanged'
}

/** A value of the request does not fit; `field` names it. */
export class Invalid extends Error {
  override readonly name = 'Invalid'
  readonly field: string

  constructor(field: string, detail: string) {
    super(detail)
    this.field = field
  }
}

/** A rule of domain.md says no. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly rule: string

  constructor(rule: string, detail: string) {
    super(detail)
    this.rule = rule
  }
}

/** S2: a save would do what the request does not acknowledge. */
export class Unacknowledged extends Error {
  override readonly name = 'Unacknowledged'
  readonly rule = 'S2'
  /** all that stands against the save, acknowledged or not */
  readonly warnings: readonly Warning[]

  constructor(missing: readonly Warning[], warnings: readonly Warning[]) {
    const names = warnings.map(({ name }) => JSON.stringify(name)).join(', ')
    super(
      `${missing.map(({ text }) => text).join(' ')} To save all the same, send "acknowledge": [${names}].`,
    )
    this.warnings = warnings
  }
}

/** Another request with the same Idempotency-Key has taken over: this one has changed nothing. */
export const isClaimLost = (error: unknown): error is ClaimLost => error instanceof ClaimLost

/** The database cannot be reached, or has no time: an outage, which must never look like "no such user". */
export const isOutage = (error: unknown): boolean => isUnavailable(error)

/** A secret cannot be kept: the operator has given no key. */
export const lacksEncryptionKey = (error: unknown): error is Error => error instanceof NoEncryptionKey

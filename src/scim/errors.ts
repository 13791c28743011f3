// The errors of the protocol (RFC 7644 section 3.12, table 9, and RFC 9865 section 2.1): one constructor for each scimType.

export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'invalidVers'
  | 'sensitive'
  | 'invalidCursor'
  | 'expiredCursor'
  | 'invalidCount'

/** What a client did wrong, in the words of the protocol. `detail` names the attribute at fault. */
export class ScimError extends Error {
  override readonly name = 'ScimError'
  readonly status: number
  readonly scimType: ScimType | null

  constructor(status: number, scimType: ScimType | null, detail: string) {
    super(detail)
    this.status = status
    this.scimType = scimType
  }
}

/** The filter cannot be read, or compares what cannot be compared. */
export const invalidFilter = (detail: string) => new ScimError(400, 'invalidFilter', detail)

/** The body does not have the shape that the request needs. */
export const invalidSyntax = (detail: string) => new ScimError(400, 'invalidSyntax', detail)

/** The path of a PATCH operation cannot be read or names no attribute. */
export const invalidPath = (detail: string) => new ScimError(400, 'invalidPath', detail)

/** The path of a PATCH operation finds nothing to change. */
export const noTarget = (detail: string) => new ScimError(400, 'noTarget', detail)

/** A required value is missing, or a value does not fit its attribute. */
export const invalidValue = (detail: string) => new ScimError(400, 'invalidValue', detail)

/** The change is one that the attribute's mutability does not allow. */
export const mutability = (detail: string) => new ScimError(400, 'mutability', detail)

/** Another resource already has this value. */
export const uniqueness = (detail: string) => new ScimError(409, 'uniqueness', detail)

/** The cursor is none that the service gave for this query. */
export const invalidCursor = (detail: string) => new ScimError(400, 'invalidCursor', detail)

/** The cursor was given too long ago. */
export const expiredCursor = (detail: string) => new ScimError(400, 'expiredCursor', detail)

/** With a cursor: the count is none that a page can have. */
export const invalidCount = (detail: string) => new ScimError(400, 'invalidCount', detail)

/** The resource changed since the version in If-Match. */
export const versionMismatch = (detail: string) => new ScimError(412, null, detail)

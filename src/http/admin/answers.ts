// Parts that the answers of the admin API share, and the resources that several routes show.
import type {} from '@fastify/swagger'
import { type TSchema, Type } from 'typebox'
import { modes, parentPlans, planNames } from '../../provisioning/catalogue.ts'
import { oneOf, strict } from './bodies.ts'

export const orNull = <T extends TSchema>(type: T) => Type.Union([type, Type.Null()])

/** A Date in the service, its ISO 8601 text on the wire. */
export const Time = Type.Unsafe<Date>({ type: 'string', format: 'date-time' })

/** No body, for a status such as 204. */
export const Done = Type.Unsafe<undefined>({ type: 'null', description: 'Done.' })

export const ShownParent = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    plan: oneOf(parentPlans),
    directoryId: Type.String(),
    createdAt: Time,
  },
  strict,
)

export const ShownDirectory = Type.Object(
  {
    id: Type.String(),
    parentOrganizationId: Type.String(),
    unknownMembers: oneOf(['refuse', 'skip']),
  },
  strict,
)

export const ShownDirectoryToken = Type.Object(
  {
    id: Type.String(),
    directoryId: Type.String(),
    name: Type.String(),
    createdAt: Time,
    expiresAt: orNull(Time),
    revokedAt: orNull(Time),
    lastUsedAt: orNull(Time),
  },
  strict,
)

export const ShownSeat = Type.Object(
  {
    seatType: Type.String(),
    purchased: orNull(Type.Integer()),
    assigned: Type.Integer(),
    available: orNull(Type.Integer()),
  },
  strict,
)

const organization = {
  id: Type.String(),
  parentOrganizationId: Type.String(),
  directoryId: Type.String(),
  name: Type.String(),
  plan: oneOf(planNames),
  mode: oneOf(modes),
  groupMappings: Type.Boolean(),
  primaryOwnerId: orNull(Type.String()),
  createdAt: Time,
  roles: Type.Array(Type.String()),
  seatTypes: Type.Array(Type.String()),
  seats: Type.Array(ShownSeat),
}
export const ShownOrganization = Type.Object(organization, strict)

export const ShownCounts = Type.Object(
  {
    added: Type.Integer(),
    changed: Type.Integer(),
    removed: Type.Integer(),
    waiting: Type.Integer(),
    unchanged: Type.Integer(),
  },
  strict,
)
export const ChangedOrganization = Type.Object({ ...organization, changes: orNull(ShownCounts) }, strict)

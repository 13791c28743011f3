// Parts that the answers of the admin API share, and the resources that several routes show. A schema with a title is
// a component of the document, by that name.
import type {} from '@fastify/swagger'
import { type TSchema, Type } from 'typebox'
import { modes, parentPlans, planNames, rolesOf, seatTypesOf } from '../../provisioning/catalogue.ts'
import { oneOf } from './bodies.ts'

/** A moment: a Date here, text in the answer. */
export const Time = Type.Unsafe<Date>(Type.String({ format: 'date-time' }))
export const Uuid = Type.String({ format: 'uuid' })

export const listOf = <T extends TSchema>(item: T) => Type.Immutable(Type.Array(item))
export const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** The answer of 204. */
export const Done = Type.Unsafe<undefined>(Type.Null({ description: 'Done; there is no body.' }))

export const Mode = oneOf(modes)
export const Role = oneOf([...new Set(planNames.flatMap(rolesOf))], {
  description: 'A role of the plan of the organization.',
})
export const SeatType = oneOf([...new Set(planNames.flatMap(seatTypesOf))], {
  description: 'A seat type of the plan of the organization.',
})

/** The limit of removals (S5). */
export const Brake = orNull(
  Type.Object(
    {
      maxRemovals: orNull(Type.Integer()),
      maxRemovedPercent: orNull(Type.Integer()),
      withinMinutes: Type.Integer(),
    },
    { title: 'Brake' },
  ),
)

const Count = Type.Integer({ minimum: 0 })
/** How many people a save concerns (Y1). */
export const Counts = Type.Object(
  { added: Count, changed: Count, removed: Count, waiting: Count, unchanged: Count },
  { title: 'Counts' },
)

export const Reason = Type.Object(
  {
    rule: Type.String({ description: 'The rule that decided, e.g. `E2`.' }),
    code: Type.String({ description: 'What the rule found, e.g. `role_from_group`.' }),
    text: Type.String({ description: 'The same in a sentence.' }),
    groups: listOf(Type.Object({ id: Uuid, displayName: Type.String() })),
  },
  { title: 'Reason' },
)
export const Explanation = Type.Object(
  {
    decision: oneOf(['join', 'change', 'keep', 'wait', 'hold', 'leave', 'out']),
    reasons: listOf(Reason),
  },
  { title: 'Explanation', description: 'Why this person is a member, or is not.' },
)

export const WaitsFor = orNull(
  Type.Union([SeatType, Type.Literal('any')], {
    description: 'A seat type, or `any`.',
  }),
)

/** A closed set: what a save of settings must not do by mistake (S2). */
export const Warning = Type.Union(
  [
    Type.Object({ name: Type.Literal('no_top_role'), text: Type.String(), role: Role, holders: Count }),
    Type.Object({
      name: Type.Literal('self_demoted'),
      text: Type.String(),
      memberId: Uuid,
      from: Role,
      to: Role,
    }),
    Type.Object({ name: Type.Literal('self_removed'), text: Type.String(), memberId: Uuid }),
    Type.Object({
      name: Type.Literal('many_removed'),
      text: Type.String(),
      removed: Count,
      members: Count,
      maxRemovedPercent: Count,
    }),
  ],
  { title: 'Warning' },
)

export const Actor = Type.Object(
  {
    kind: oneOf(['directory_token', 'admin_token', 'workos_connection', 'system']),
    id: Type.Optional(Uuid),
    requestId: Type.Optional(Type.String()),
  },
  { title: 'Actor', description: 'Who did it, and with which request.' },
)

export const ShownParent = Type.Object(
  {
    id: Uuid,
    name: Type.String(),
    plan: oneOf(parentPlans),
    directoryId: Uuid,
    createdAt: Time,
  },
  { title: 'ParentOrganization' },
)

export const ShownDirectory = Type.Object(
  { id: Uuid, parentOrganizationId: Uuid, unknownMembers: oneOf(['refuse', 'skip']) },
  { title: 'Directory' },
)

export const ShownDirectoryToken = Type.Object(
  {
    id: Uuid,
    directoryId: Uuid,
    name: Type.String(),
    createdAt: Time,
    expiresAt: orNull(Time),
    revokedAt: orNull(Time),
    lastUsedAt: orNull(Time),
  },
  { title: 'DirectoryToken' },
)

export const ShownSeat = Type.Object(
  {
    seatType: SeatType,
    purchased: orNull(Type.Integer({ description: '`null`: unlimited' })),
    assigned: Type.Integer(),
    available: orNull(Type.Integer({ description: '`null`: unlimited' })),
  },
  { title: 'SeatCount' },
)

const organization = {
  id: Uuid,
  parentOrganizationId: Uuid,
  directoryId: Uuid,
  name: Type.String(),
  plan: oneOf(planNames),
  mode: Mode,
  groupMappings: Type.Boolean(),
  primaryOwnerId: orNull(Uuid),
  createdAt: Time,
  roles: listOf(Role),
  seatTypes: listOf(SeatType),
  seats: listOf(ShownSeat),
}
export const ShownOrganization = Type.Object(organization, { title: 'Organization' })
export const ChangedOrganization = Type.Object(
  { ...organization, changes: orNull(Counts) },
  { title: 'ChangedOrganization' },
)

/** RFC 9457 section 3, with what the admin API adds. */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'Always `about:blank`: the status and the title say what kind it is.' }),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    title: Type.String(),
    detail: Type.String({ description: 'What is wrong with this request, for a person to read.' }),
    field: Type.Optional(
      Type.String({ description: 'The field of the request at fault, e.g. `mappings[0].role`.' }),
    ),
    rule: Type.Optional(Type.String({ description: 'The rule that refused, e.g. `E4`.' })),
    warnings: Type.Optional(
      Type.Immutable(
        Type.Array(Warning, {
          description: 'What saving the settings would do, to be acknowledged by name.',
        }),
      ),
    ),
  },
  { title: 'Problem' },
)

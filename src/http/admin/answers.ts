// Parts that the answers of the admin API share. A schema with a title is a component of the document, by that name.
import { type TSchema, Type } from 'typebox'
import { modes, planNames, rolesOf, seatTypesOf } from '../../provisioning/catalogue.ts'
import { oneOf } from './bodies.ts'

/** A moment: a Date here, text in the answer. */
export const Time = Type.Unsafe<Date>(Type.String({ format: 'date-time' }))
export const Uuid = Type.String({ format: 'uuid' })

export const listOf = <T extends TSchema>(item: T) => Type.Immutable(Type.Array(item))
export const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** The answer of 204. */
export const Nothing = Type.Null({ description: 'Done; there is no body.' })

export const Mode = oneOf(modes)
export const Role = oneOf([...new Set(planNames.flatMap(rolesOf))], {
  description: 'A role of the plan of the organization.',
})
export const SeatType = oneOf([...new Set(planNames.flatMap(seatTypesOf))], {
  description: 'A seat type of the plan of the organization.',
})

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
  },
  { title: 'Problem' },
)

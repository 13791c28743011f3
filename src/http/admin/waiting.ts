// The list of those who wait for a seat (E4).
import type {} from '@fastify/swagger'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { isId } from '../../ids.ts'
import { findSeatType, seatTypesOf } from '../../provisioning/catalogue.ts'
import { Invalid } from '../../services/errors.ts'
import type { Services } from '../../services/index.ts'
import type { Place, Waiting } from '../../store/waiting.ts'
import { DateTime, Id, Limit, oneOf, Text } from './bodies.ts'
import { limitOf } from './paging.ts'

const Params = Type.Object({ id: Id })
const Query = Type.Object({
  waitsFor: Type.Optional(Text),
  after: Type.Optional(Text),
  limit: Type.Optional(Limit),
})
const SomeoneWaiting = Type.Object(
  {
    position: Type.Integer({ minimum: 1 }),
    memberId: Id,
    userId: Type.Union([Id, Type.Null()]),
    email: Type.String(),
    status: oneOf(['active', 'waiting']),
    seatType: Type.Union([Type.String(), Type.Null()]),
    waitsFor: Type.String(),
    waitingSince: DateTime,
  },
  { title: 'SomeoneWaiting' },
)
const List = Type.Object({
  waiting: Type.Array(SomeoneWaiting),
  next: Type.Union([Type.String(), Type.Null()]),
})

export function waitingRoutes(scope: FastifyInstance, { waiting, organizations }: Services): void {
  const routes = scope.withTypeProvider<TypeBoxTypeProvider>()

  routes.get(
    '/organizations/:id/waiting',
    {
      schema: {
        summary: 'List who waits for a seat',
        description:
          'In the order in which they began to wait, which is the order in which seats are given. `active` is a ' +
          'member that keeps another seat meanwhile, `waiting` no member yet; `waitsFor` is a seat type, or `any`.',
        params: Params,
        querystring: Query,
        response: { 200: List },
      },
    },
    async ({ params, query }) => {
      const limit = limitOf(query)
      const found = await waiting.list(params.id, {
        waitsFor: query.waitsFor === undefined ? null : await parseWish(params.id, query.waitsFor),
        after: query.after === undefined ? null : parsePlace(query.after),
        limit: limit + 1,
      })
      const page = found.slice(0, limit)
      const last = page.at(-1)
      return {
        waiting: page.map(shown),
        next: found.length > limit && last !== undefined ? `${last.place.since}.${last.place.key}` : null,
      }
    },
  )

  async function parseWish(organizationId: string, name: string) {
    const { plan } = await organizations.get(organizationId)
    const wish = name === 'any' ? name : findSeatType(plan, name)
    if (wish !== null) return wish
    const known = [...seatTypesOf(plan), 'any'].join(', ')
    throw new Invalid(
      'waitsFor',
      `Nobody can wait for ${JSON.stringify(name)} on the plan ${plan}: ${known}.`,
    )
  }
}

function parsePlace(text: string): Place {
  const [since = '', key = '', ...more] = text.split('.')
  if (/^\d{1,16}$/.test(since) && isId(key) && more.length === 0) return { since, key }
  throw new Invalid('after', 'after must be the `next` of a page of this list.')
}

function shown({ position, member }: Waiting) {
  const { id, userId, email, status, seatType, wantedSeat, waitingSince } = member
  return {
    position,
    memberId: id,
    userId,
    email,
    // nobody who was removed waits: the table says so
    status: status === 'active' ? ('active' as const) : ('waiting' as const),
    seatType,
    waitsFor: wantedSeat ?? 'any',
    waitingSince: new Date((waitingSince ?? 0) / 1000).toISOString(),
  }
}

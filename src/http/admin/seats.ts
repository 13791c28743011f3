// Seats of an organization: how many of each type were purchased, are assigned and are free.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Seats } from '../../provisioning/types.ts'
import type { Services } from '../../services/index.ts'
import { ShownSeat } from './answers.ts'
import { actorOf } from './auth.ts'
import { Id } from './bodies.ts'

const Params = Type.Object({ id: Id })
/** seats purchased per seat type; null is unlimited */
const Purchased = Type.Record(
  Type.String(),
  Type.Union([Type.Integer({ minimum: 0, maximum: 1_000_000_000 }), Type.Null()]),
  { description: 'How many of each type; `null` is unlimited.' },
)
const response = { 200: Type.Object({ seats: Type.Array(ShownSeat) }, { title: 'Seats' }) }

export function seatRoutes(scope: FastifyInstance, { organizations }: Services): void {
  const routes = scope.withTypeProvider<TypeBoxTypeProvider>()

  const get = { summary: 'Get the seats of an organization', params: Params, response }
  routes.get('/organizations/:id/seats', { schema: get }, async ({ params }) => ({
    seats: shownSeats((await organizations.get(params.id)).seats),
  }))

  const put = {
    summary: 'Set how many seats were purchased',
    description: 'Types that the body does not name stay as they are. Whoever waits gets what is free.',
    params: Params,
    body: Purchased,
    response,
  }
  routes.put('/organizations/:id/seats', { schema: put }, async (request) => {
    const { params, body } = request
    return { seats: shownSeats(await organizations.setPurchased(actorOf(request), params.id, body)) }
  })
}

export const shownSeats = (seats: Seats) =>
  [...seats].map(([seatType, { purchased, assigned }]) => ({
    seatType,
    purchased,
    assigned,
    available: purchased === null ? null : Math.max(0, purchased - assigned),
  }))

// Events (A2): pages of the log from a cursor, or, for whoever accepts text/event-stream, a live tail of it.
import { Readable } from 'node:stream'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { Invalid } from '../../services/errors.ts'
import { type EventPage, eventTypes } from '../../services/events.ts'
import type { Services } from '../../services/index.ts'
import { Actor, listOf, orNull, Time, Uuid } from './answers.ts'
import { adminCallerOf } from './auth.ts'
import { DateTime, Limit, oneOf, strict, Text } from './bodies.ts'
import { OpenTails } from './open-tails.ts'
import { limitOf } from './paging.ts'

const Query = Type.Object(
  {
    directory: Type.Optional(Uuid),
    organization: Type.Optional(Uuid),
    subject: Type.Optional(Uuid),
    type: Type.Optional(Type.String({ ...Text, description: 'One type, or some with commas between them.' })),
    since: Type.Optional(Type.String({ ...DateTime, description: 'From this moment on.' })),
    until: Type.Optional(Type.String({ ...DateTime, description: 'Before this moment.' })),
    after: Type.Optional(Type.String({ ...Text, description: '`next` of the page before.' })),
    limit: Type.Optional(Limit),
  },
  strict,
)
type Query = Type.Static<typeof Query>

const Event = Type.Object(
  {
    seq: Type.Integer({ description: 'In the order of the history of each subject; with gaps.' }),
    time: Time,
    type: Type.Unsafe<string>(oneOf(eventTypes)),
    directoryId: orNull(Uuid),
    organizationId: orNull(Uuid),
    subjectId: Uuid,
    actor: Actor,
    data: Type.Record(Type.String(), Type.Unknown({ description: 'As the type has it.' }), {
      description: 'What the type of the event tells: for members `before`, `after` and `why`.',
    }),
  },
  { title: 'Event' },
)
const Page = Type.Object(
  {
    events: listOf(Event),
    next: Type.String({ description: 'Where the next page begins, now or later.' }),
  },
  { title: 'Events' },
)
const Live = Type.Unsafe<Readable>(
  Type.String({
    description: 'Server-sent events: `id` is the cursor, `event` the type, `data` the event.',
  }),
)
const Headers = Type.Object({
  'last-event-id': Type.Optional(
    Type.String({
      description: 'The `id` of the last live event that arrived: the tail goes on from there.',
    }),
  ),
})

const schemaOfEvents = {
  summary: 'Read what happened, as pages or live',
  description:
    'With `Accept: text/event-stream` the answer stays open and tells what happens from now on, or from `after`.',
  headers: Headers,
  querystring: Query,
  response: {
    200: {
      description: 'A page, or a live tail.',
      content: { 'application/json': { schema: Page }, 'text/event-stream': { schema: Live } },
    },
  },
}

/** Less than what proxies take for silence. */
const HEARTBEAT_MS = 15_000

export function eventRoutes(scope: FastifyInstance, { events, adminTokens }: Services): void {
  const routes = scope.withTypeProvider<TypeBoxTypeProvider>()
  const tails = new OpenTails((ids) => adminTokens.valid(ids))
  scope.addHook('preClose', async () => tails.endAll())

  const route = { config: { about: 'scope' }, schema: schemaOfEvents } as const
  routes.get('/events', route, async (request, reply) => {
    const { query, headers } = request
    const caller = adminCallerOf(request)
    const filter = { ...filterOf(query), scope: caller.scope }
    const limit = limitOf(query)
    const after = query.after === undefined ? null : parseCursor('after', query.after)
    if (!acceptsStream(headers.accept)) {
      const page = await events.read(filter, after ?? 0, limit)
      return { events: page.events, next: String(page.next) }
    }
    const last = headers['last-event-id']
    // a client that connects again repeats its URL: where it was counts for more
    const from = typeof last === 'string' && last !== '' ? parseCursor('Last-Event-ID', last) : after
    const tail = tails.open(caller.tokenId)
    reply.raw.once('close', () => tails.end(tail))
    const pages = events.tail(filter, from, { limit, heartbeatMs: HEARTBEAT_MS, signal: tail.signal })
    return reply
      .headers({
        'content-type': 'text/event-stream; charset=utf-8',
        // kept alive, the connection would outlive the tail and hold up a stop
        connection: 'close',
        // nginx would gather the answer otherwise
        'x-accel-buffering': 'no',
      })
      .send(Readable.from(framesOf(pages)))
  })
}

const acceptsStream = (accept: string | undefined): boolean =>
  (accept ?? '').split(',').some((type) => /^\s*text\/event-stream\s*(;|$)/i.test(type))

/** Server-sent events. One with an id and no data dispatches nothing, but tells the client from where to go on. */
async function* framesOf(pages: AsyncIterable<EventPage>): AsyncGenerator<string, void, undefined> {
  for await (const { events, next } of pages) {
    if (events.length === 0) yield `id: ${next}\n\n`
    for (const event of events) {
      yield `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
    }
  }
}

const filterOf = ({ directory, organization, subject, type, since, until }: Query) => ({
  directoryId: directory ?? null,
  organizationId: organization ?? null,
  subjectId: subject ?? null,
  types: type === undefined ? null : parseTypes(type),
  since: since === undefined ? null : parseTime('since', since),
  until: until === undefined ? null : parseTime('until', until),
})

/** One type, or some with commas between them. */
function parseTypes(text: string): string[] {
  const types = text.split(',')
  const known: readonly string[] = eventTypes
  const wrong = types.find((type) => !known.includes(type))
  if (wrong === undefined) return types
  throw new Invalid('type', `There is no type of event "${wrong.slice(0, 100)}", but ${known.join(', ')}.`)
}

/** A leap second is no time to JavaScript, and the year 0, where a zone may lead too, none to PostgreSQL. */
function parseTime(field: string, text: string): Date {
  const time = new Date(text)
  const year = time.getUTCFullYear()
  if (year >= 1 && year <= 9999) return time
  throw new Invalid(field, `${field} must be a time like 2026-11-24T08:00:00Z.`)
}

function parseCursor(field: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new Invalid(
    field,
    `${field} takes the "next" of a page, the id of a live event or the seq of an event.`,
  )
}

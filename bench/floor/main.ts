// The floor: the least that any honest server could do with the same requests. Fastify and `pg` alone: prepared
// statements, the same rows in the same number of durable transactions, no validation and no evaluator.
import Fastify from 'fastify'
import { groupRoutes } from './groups.ts'
import { openPool } from './pool.ts'
import { readRoutes } from './reads.ts'
import { userRoutes } from './users.ts'

const { PORT = '0', DATABASE_URL = '', FLOOR_TOKEN = '' } = process.env

const pool = openPool(DATABASE_URL)
const authorization = `Bearer ${FLOOR_TOKEN}`
const base = `http://127.0.0.1:${PORT}/scim/v2`

const app = Fastify()
app.addContentTypeParser(
  'application/scim+json',
  { parseAs: 'string' },
  app.getDefaultJsonParser('error', 'error'),
)
app.get('/readyz', async () => 'ready')
app.register(
  async (scope) => {
    scope.addHook('onRequest', (request, reply, done) => {
      if (request.headers.authorization === authorization) return done()
      reply.code(401).send()
    })
    readRoutes(scope, pool, base)
    userRoutes(scope, pool, base)
    groupRoutes(scope, pool, base)
  },
  { prefix: '/scim/v2' },
)

process.once('SIGTERM', () => {
  void app
    .close()
    .then(() => pool.end())
    .then(() => process.exit(0))
})
await app.listen({ host: '127.0.0.1', port: Number(PORT) })

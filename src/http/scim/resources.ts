// The routes of the resources of a type, /Users or /Groups (RFC 7644 section 3), but for searching (search.ts): read the
// request, call, shape the reply.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Projection, parseProjection } from '../../scim/project.ts'
import { locationOf } from '../../scim/represent.ts'
import { isObject, type JsonObject } from '../../scim/resource.ts'
import type { ResourceType, ResourceTypeName } from '../../scim/schema.ts'
import { isTagged, versionTag } from '../../scim/version.ts'
import type { DirectoryCaller } from '../../services/directory-write.ts'
import type { ResourceAnswer } from '../../services/resource-reader.ts'
import { callerOf } from './auth.ts'
import { SCIM_CONTENT_TYPE } from './error.ts'

/** What users and groups both can. */
interface ResourceService {
  create(caller: DirectoryCaller, body: unknown, projection: Projection): Promise<ResourceAnswer>
  get(caller: DirectoryCaller, id: string, projection: Projection): Promise<ResourceAnswer>
  replace: Change<Projection>
  /** `projection` null: the client asked for nothing in particular */
  patch: Change<Projection | null>
  remove(caller: DirectoryCaller, id: string, ifMatch: string | undefined): Promise<void>
}

type Change<P> = (
  caller: DirectoryCaller,
  id: string,
  body: unknown,
  ifMatch: string | undefined,
  projection: P,
) => Promise<ResourceAnswer>

interface ResourceRoute {
  Params: { id: string }
}

export function resourceRoutes(scope: FastifyInstance, type: ResourceType, service: ResourceService): void {
  const { endpoint } = type
  const one = `${endpoint}/:id`
  const named = (verb: string) => ({ config: { operation: `${type.name}.${verb}` } })

  scope.post(endpoint, named('create'), async (request, reply) => {
    const caller = callerOf(request)
    const created = await service.create(caller, request.body, projectionOf(request, type.name))
    return sendResource(naming(reply, type, caller, created), 201, created)
  })

  scope.get<ResourceRoute>(one, named('get'), async (request, reply) => {
    const caller = callerOf(request)
    const found = await service.get(caller, request.params.id, projectionOf(request, type.name))
    naming(reply, type, caller, found)
    const known = request.headers['if-none-match']
    if (known !== undefined && isTagged(known, found.version)) return reply.code(304).send()
    return sendResource(reply, 200, found)
  })

  scope.put<ResourceRoute>(one, named('replace'), async (request, reply) => {
    const { params, body, headers } = request
    const caller = callerOf(request)
    const projection = projectionOf(request, type.name)
    const replaced = await service.replace(caller, params.id, body, headers['if-match'], projection)
    return sendResource(naming(reply, type, caller, replaced), 200, replaced)
  })

  scope.patch<ResourceRoute>(one, named('patch'), async (request, reply) => {
    const { params, body, headers } = request
    const caller = callerOf(request)
    const projection = isProjected(request) ? projectionOf(request, type.name) : null
    const patched = await service.patch(caller, params.id, body, headers['if-match'], projection)
    naming(reply, type, caller, patched)
    return sendResource(reply, 200, patched)
  })

  scope.delete<ResourceRoute>(one, named('delete'), async (request, reply) => {
    await service.remove(callerOf(request), request.params.id, request.headers['if-match'])
    return reply.code(204).send()
  })
}

/**
 * Says in the headers which resource and version an answer is about, whatever its body leaves out: Content-Location is
 * meta.location (RFC 7643 section 3.1), Location stands beside it in the examples of RFC 7644.
 */
const naming = (
  reply: FastifyReply,
  type: ResourceType,
  { baseUrl }: DirectoryCaller,
  { id, version }: ResourceAnswer,
): FastifyReply => {
  const location = locationOf(type, id, baseUrl)
  return reply.headers({ etag: versionTag(version), location, 'content-location': location })
}

/** 204 for a resource that is too large to be sent unasked. */
const sendResource = (reply: FastifyReply, status: number, { resource }: ResourceAnswer): FastifyReply =>
  resource === null ? reply.code(204).send() : sendJson(reply, status, resource)

export function sendJson(reply: FastifyReply, status: number, body: JsonObject): FastifyReply {
  const { meta } = body
  if (isObject(meta) && typeof meta.location === 'string') reply.header('content-location', meta.location)
  return reply.code(status).header('content-type', SCIM_CONTENT_TYPE).send(body)
}

const isProjected = (request: FastifyRequest): boolean =>
  namesIn(request, 'attributes') !== undefined || namesIn(request, 'excludedAttributes') !== undefined

const projectionOf = (request: FastifyRequest, name: ResourceTypeName): Projection =>
  parseProjection(
    namesIn(request, 'attributes'),
    namesIn(request, 'excludedAttributes'),
    callerOf(request).types[name],
  )

/** A list of attribute names in the query, which may come in several parts. */
export const namesIn = (
  request: FastifyRequest,
  name: 'attributes' | 'excludedAttributes',
): string | undefined => givenParameters(request, name).join(',') || undefined

/** A query parameter, undefined where it is empty; of one that is given twice, the first. */
export function parameter(request: FastifyRequest, name: string): string | undefined {
  const value = givenParameter(request, name)
  return value === '' ? undefined : value
}

/** A query parameter as it was given, also where it is empty. */
export const givenParameter = (request: FastifyRequest, name: string): string | undefined =>
  givenParameters(request, name)[0]

/** All that is given for a query parameter, whose name compares without case. */
function givenParameters({ query }: FastifyRequest, name: string): string[] {
  if (typeof query !== 'object' || query === null) return []
  const given = Object.entries(query)
  if (given.length === 0) return []
  const wanted = name.toLowerCase()
  return given
    .filter(([key]) => key.toLowerCase() === wanted)
    .flatMap(([, value]): unknown => value)
    .filter((value) => typeof value === 'string')
}

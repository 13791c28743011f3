// The SCIM scope: its parser, its authentication, its errors, its routes.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ScimError } from '../../scim/errors.ts'
import { groupType } from '../../scim/schemas/group.ts'
import { userType } from '../../scim/schemas/user.ts'
import type { Services } from '../../services/index.ts'
import { parseJsonBodies } from '../json.ts'
import type { Limits } from '../limits.ts'
import { answerAtOnce, refuseUnknown, refusingOtherMethods } from '../methods.ts'
import { authenticate } from './auth.ts'
import { bulkRoutes } from './bulk.ts'
import { discoveryRoutes } from './discovery.ts'
import { sendScimError } from './error.ts'
import { resourceRoutes } from './resources.ts'
import { searchRoutes } from './search.ts'

/** Below this everything is SCIM, of whatever version. */
export const SCIM_ROOT = '/scim'
export const SCIM_PREFIX = `${SCIM_ROOT}/v2`

export interface ScimOptions {
  readonly services: Services
  readonly limits: Limits
  /** what clients call the service, or null: as the request says */
  readonly publicUrl: string | null
  readonly bodyLimitBytes: number
}

export async function scimRoutes(
  scope: FastifyInstance,
  { services, limits, publicUrl, bodyLimitBytes }: ScimOptions,
): Promise<void> {
  const baseUrlOf = (request: FastifyRequest) =>
    `${publicUrl ?? `${request.protocol}://${request.host}`}${SCIM_PREFIX}`

  scope.decorateRequest('caller', null)
  parseJsonBodies(scope, ['application/scim+json', 'application/json'])
  scope.setErrorHandler((error, request, reply) => sendScimError(error, request, reply))
  refuseUnknown(scope, (status, detail) => new ScimError(status, null, detail))
  const refuse = (detail: string) => new ScimError(405, null, detail)

  await scope.register(async (discovery) => {
    discovery.addHook('onRequest', authenticate(services, limits, 'optional', baseUrlOf))
    refusingOtherMethods(discovery, refuse, () => discoveryRoutes(discovery, baseUrlOf, bodyLimitBytes))
  })
  await scope.register(async (resources) => {
    resources.addHook('onRequest', authenticate(services, limits, 'required', baseUrlOf))
    refusingOtherMethods(resources, refuse, () => {
      searchRoutes(resources, services.searches)
      resourceRoutes(resources, userType, services.users)
      resourceRoutes(resources, groupType, services.groups)
      bulkRoutes(resources, services.bulk, limits)
    })
    // RFC 7644 section 3.11: a token is a directory's, and nobody's in person
    answerAtOnce(
      resources,
      resources.supportedMethods,
      '/Me',
      () => new ScimError(501, null, '/Me is not supported: a directory token stands for no user.'),
    )
  })
}

/** What is below /scim and not of version 2: another version is refused as such (RFC 7644 section 3.13). */
export async function otherVersions(scope: FastifyInstance): Promise<void> {
  scope.setErrorHandler((error, request, reply) => sendScimError(error, request, reply))
  refuseUnknown(scope, (status, detail, url) =>
    /^\/scim\/v\d+(?:[/?]|$)/.test(url)
      ? new ScimError(400, 'invalidVers', `Version 2 is spoken here, at ${SCIM_PREFIX}.`)
      : new ScimError(status, null, detail),
  )
}

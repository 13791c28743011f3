// The admin scope at /v1: JSON, admin tokens, problem details.
import type { FastifyInstance } from 'fastify'
import { isId } from '../../ids.ts'
import { NotFound } from '../../services/errors.ts'
import type { Services } from '../../services/index.ts'
import { parseJsonBodies } from '../json.ts'
import type { Limits } from '../limits.ts'
import { refuseUnknown, refusingOtherMethods } from '../methods.ts'
import { documentRoutes, rememberRoutes } from '../openapi/routes.ts'
import { adminTokenRoutes } from './admin-tokens.ts'
import { Problem } from './answers.ts'
import { authenticateAdmins } from './auth.ts'
import { directoryRoutes } from './directories.ts'
import { directoryTokenRoutes } from './directory-tokens.ts'
import { erasureRoutes } from './erasures.ts'
import { eventRoutes } from './events.ts'
import { heldRemovalRoutes } from './held-removals.ts'
import { answerOnce } from './idempotency.ts'
import { memberRoutes } from './members.ts'
import { organizationRoutes } from './organizations.ts'
import { parentOrganizationRoutes } from './parent-organizations.ts'
import { sendProblem } from './problem.ts'
import { schemaRoutes } from './schemas.ts'
import { seatRoutes } from './seats.ts'
import { settingsRoutes } from './settings.ts'
import { settingsHistoryRoutes } from './settings-history.ts'
import { signInRoutes } from './sign-ins.ts'
import { syncRoutes } from './sync.ts'
import { waitingRoutes } from './waiting.ts'
import { webhookRoutes } from './webhooks.ts'
import { workosConnectionRoutes } from './workos-connections.ts'

export const ADMIN_PREFIX = '/v1'

export interface AdminOptions {
  readonly services: Services
  readonly limits: Limits
  /** what clients call the service, or null: as the request says */
  readonly publicUrl: string | null
}

export async function adminRoutes(
  scope: FastifyInstance,
  { services, limits, publicUrl }: AdminOptions,
): Promise<void> {
  scope.setErrorHandler((error, request, reply) => sendProblem(error, request, reply))
  const routes = rememberRoutes(scope)
  await scope.register(async (guarded) => guardedRoutes(guarded, services, limits))
  refusingOtherMethods(
    scope,
    (detail) => scope.httpErrors.methodNotAllowed(detail),
    () => documentRoutes(scope, limits, routes, { publicUrl, prefix: ADMIN_PREFIX, problem: Problem }),
  )
}

function guardedRoutes(scope: FastifyInstance, services: Services, limits: Limits): void {
  refuseUnknown(scope, (status, detail) => scope.httpErrors.getHttpError(status, detail))
  parseJsonBodies(scope, ['application/json'])
  authenticateAdmins(scope, services, limits)
  scope.addHook('preValidation', async ({ params, is404 }) => {
    if (is404) return
    // every other parameter of a path is an id: what cannot be one names nothing
    for (const [name, value] of Object.entries(params ?? {})) {
      if (!['urn', 'version', 'seq'].includes(name) && typeof value === 'string' && !isId(value))
        throw new NotFound('Resource', value)
    }
  })
  answerOnce(scope, services)
  refusingOtherMethods(
    scope,
    (detail) => scope.httpErrors.methodNotAllowed(detail),
    () => {
      adminTokenRoutes(scope, services)
      parentOrganizationRoutes(scope, services)
      organizationRoutes(scope, services)
      seatRoutes(scope, services)
      settingsRoutes(scope, services)
      settingsHistoryRoutes(scope, services)
      memberRoutes(scope, services)
      erasureRoutes(scope, services)
      heldRemovalRoutes(scope, services)
      signInRoutes(scope, services)
      syncRoutes(scope, services)
      waitingRoutes(scope, services)
      directoryRoutes(scope, services)
      directoryTokenRoutes(scope, services)
      schemaRoutes(scope, services)
      eventRoutes(scope, services)
      webhookRoutes(scope, services)
      workosConnectionRoutes(scope, services)
    },
  )
}

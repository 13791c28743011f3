// What a limited admin token may do. What lies outside its scope answers as what does not exist. It fails closed: a
// route about nothing that can be told from its path needs a token for everything, unless its config says more.
import type { FastifyRequest } from 'fastify'
import { isId } from '../../ids.ts'
import type { AdminCaller, AdminScope } from '../../services/admin-tokens.ts'
import { Forbidden, NotFound } from '../../services/errors.ts'
import type { Services } from '../../services/index.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `scope`: the route itself shows and takes only what is within the caller's scope */
    about?: 'scope'
    /** for tokens of access `read_only` too, whatever the method */
    readsOnly?: true
    /** for tokens of access `sign_in` too */
    forSignIn?: true
  }
}

type About = 'organization' | 'parent' | 'directory' | 'scope' | 'all'

/** The paths that name by `:id` what all below them is about, after the prefix of the API. */
const named: readonly [path: RegExp, about: About][] = [
  [/^\/organizations\/:id(?!\w)/, 'organization'],
  [/^\/parent-organizations\/:id(?!\w)/, 'parent'],
  [/^\/directories\/:id(?!\w)/, 'directory'],
]

/** Throws NotFound for what is out of the caller's scope, Forbidden for what its token may not do. */
export async function authorize(
  services: Services,
  caller: AdminCaller,
  { routeOptions, params, method }: FastifyRequest,
  prefix: string,
): Promise<void> {
  const { url = '', config } = routeOptions
  const route = url.slice(prefix.length)
  const about = named.find(([path]) => path.test(route))?.[1] ?? config.about ?? 'all'
  await requireInScope(services, caller.scope, about, idIn(params))
  if (caller.access === 'read_write') return
  if (caller.access === 'sign_in') {
    if (config.forSignIn === true) return
    throw new Forbidden('This token is for sign-ins: it may ask whether people may enter, and read members.')
  }
  if (method === 'GET' || method === 'HEAD' || config.readsOnly === true) return
  throw new Forbidden('This token may read and change nothing.')
}

async function requireInScope(
  { organizations }: Services,
  scope: AdminScope,
  about: About,
  id: string,
): Promise<void> {
  if (scope.kind === 'all') return
  switch (about) {
    case 'scope':
      return
    case 'all':
      throw new Forbidden('This needs a token that is not limited to a parent or an organization.')
    case 'organization': {
      if (scope.kind === 'organization' && id === scope.organizationId) return
      const parentId = scope.kind === 'parent' && isId(id) ? await organizations.parentOf(id) : null
      if (scope.kind === 'parent' && parentId === scope.parentOrganizationId) return
      throw new NotFound('Organization', id)
    }
    case 'parent':
      if (scope.kind === 'parent' && id === scope.parentOrganizationId) return
      throw new NotFound('Parent organization', id)
    case 'directory':
      if (scope.kind === 'parent' && id === scope.directoryId) return
      throw new NotFound('Directory', id)
  }
}

const idIn = (params: unknown): string =>
  typeof params === 'object' && params !== null && 'id' in params ? String(params.id) : ''

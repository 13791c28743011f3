// scim-sanity: a probe of a live server, strict, as its command line runs it.
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { python } from '../runtimes.ts'
import type { Check, Suite } from '../suite.ts'

const Report = Type.Object({
  results: Type.Array(
    Type.Object({ name: Type.String(), status: Type.String(), message: Type.Optional(Type.String()) }),
    { minItems: 1 },
  ),
})

const noAgents =
  'Skipped by the suite: agents are a resource type of an Internet-Draft that the service does not have, and /ResourceTypes says so.'

export const scimSanity: Suite = {
  name: 'scim-sanity',
  package: 'PyPI scim-sanity 0.7.4',
  about: '`scim-sanity probe --strict`: discovery, life of a user and of a group, search, errors',
  ...python('scim-sanity==0.7.4'),
  files: [],
  run: ({ baseUrl, token }) => [
    'bin/scim-sanity',
    'probe',
    baseUrl,
    '--token',
    token,
    '--strict',
    '--json-output',
    '--i-accept-side-effects',
  ],
  parse,
  answers: {
    'PATCH /Groups/{id} add member':
      'Deviation on purpose. The suite adds the id of a user that does not exist. A member is the id of a resource of the service (RFC 7643 sections 4.2 and 8.7.1, referenceTypes): one that does not exist is refused with 400 invalidValue that names it, and nothing is changed, so that no membership is lost in silence. A directory whose unknownMembers is skip leaves such members out and says so in an event.',
    'Agent CRUD Lifecycle': noAgents,
    'AgenticApplication CRUD Lifecycle': noAgents,
    'Agent Rapid Lifecycle': noAgents,
  },
}

function parse(output: string): Check[] {
  const report: unknown = JSON.parse(output)
  if (!Value.Check(Report, report)) throw new Error('It printed no report.')
  return report.results.map(({ name, status, message }) => ({
    name,
    status: status === 'pass' ? 'passed' : status === 'fail' || status === 'error' ? 'failed' : 'other',
    detail: message ?? '',
  }))
}

// scim-patch for Node.js: the same PATCH operations through it and through the service must come out the same.
import { parseChecks } from '../checks.ts'
import { npm } from '../runtimes.ts'
import type { Suite } from '../suite.ts'

export const scimPatch: Suite = {
  name: 'scim-patch',
  package: 'npm scim-patch 0.8.3',
  about: 'every kind of PATCH operation on a user, ours beside its own',
  ...npm('scim-patch@0.8.3'),
  files: ['drive_scim_patch.mjs'],
  run: () => ['node', 'drive_scim_patch.mjs'],
  parse: parseChecks,
  answers: {},
}

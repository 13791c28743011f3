// SCIMMY for Node.js: its messages and resources read what the service publishes and answers.
import { parseChecks } from '../checks.ts'
import { npm } from '../runtimes.ts'
import type { Suite } from '../suite.ts'

export const scimmy: Suite = {
  name: 'scimmy',
  package: 'npm scimmy 1.3.5',
  about: 'its readers of resources, lists, bulks and errors on our answers, and its PATCH beside ours',
  ...npm('scimmy@1.3.5'),
  files: ['drive_scimmy.mjs'],
  run: () => ['node', 'drive_scimmy.mjs'],
  parse: parseChecks,
  answers: {},
}

// scim2-client of the python-scim project: it holds each answer against the schemas that we publish.
import { parseChecks } from '../checks.ts'
import { python } from '../runtimes.ts'
import type { Suite } from '../suite.ts'

export const scim2Client: Suite = {
  name: 'scim2-client',
  package: 'PyPI scim2-client 0.13.2',
  about: 'a directory’s life with its own checks of requests and answers on, versions and bulk among them',
  ...python('scim2-client[httpx2]==0.13.2', 'scim2-models==0.12.3'),
  files: ['drive_scim2_client.py'],
  run: () => ['bin/python', 'drive_scim2_client.py'],
  parse: parseChecks,
  answers: {},
}

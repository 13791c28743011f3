// scim2-tester of the python-scim project: it reads the schemas that we publish and tries every attribute of them.
import { parseChecks } from '../checks.ts'
import { python } from '../runtimes.ts'
import type { Suite } from '../suite.ts'

export const scim2Tester: Suite = {
  name: 'scim2-tester',
  package: 'PyPI scim2-tester 0.5.2',
  about: 'all of its checks, through its Python API: discovery, every method, PATCH of every attribute',
  ...python('scim2-tester==0.5.2', 'scim2-client[httpx2]==0.13.2', 'scim2-models==0.12.3'),
  files: ['run_scim2_tester.py'],
  run: () => ['bin/python', 'run_scim2_tester.py'],
  parse: parseChecks,
  answers: {},
}

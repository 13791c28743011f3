// scim2-tester of the python-scim project: it reads the schemas that we publish and tries every attribute of them.
import { parseChecks } from '../checks.ts'
import { python } from '../runtimes.ts'
import type { Suite } from '../suite.ts'

const displayIsOurs =
  'The suite compares members as a whole. The members are those that it sent; the service adds their display, the name of the user, which its schema publishes as readOnly, so that the value is the service provider’s to give (RFC 7643 sections 2.2 and 7).'

export const scim2Tester: Suite = {
  name: 'scim2-tester',
  package: 'PyPI scim2-tester 0.5.2',
  about: 'all of its checks, through its Python API: discovery, every method, PATCH of every attribute',
  ...python('scim2-tester==0.5.2', 'scim2-client[httpx2]==0.13.2', 'scim2-models==0.12.3'),
  files: ['run_scim2_tester.py'],
  run: () => ['bin/python', 'run_scim2_tester.py'],
  parse: parseChecks,
  answers: {
    'User check_remove_attribute active':
      'Deviation on purpose. Whether a user is active decides who is a member and who loses access, so it has no unassigned state: nobody is switched on or off by a value that is missing. A remove of active succeeds and changes nothing; only true and false change it. RFC 7644 section 3.5.2.2 would have it unassigned; RFC 7643 section 4.1.1 leaves the meaning of active to the service provider.',
    'Group check_add_attribute members': displayIsOurs,
    'Group check_replace_attribute members': displayIsOurs,
  },
}

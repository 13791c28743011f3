// The client of Captain-P-Goldfish's SCIM-SDK for Java, which Keycloak's SCIM extension is built on.
import { parseChecks } from '../checks.ts'
import { java } from '../runtimes.ts'
import type { Suite } from '../suite.ts'

export const captainGoldfish: Suite = {
  name: 'captain-goldfish',
  package: 'Maven de.captaingoldfish:scim-sdk-client 1.27.1',
  about: 'a directory’s life, pages by GET and POST, 304 and 412, a bulk that it splits by our maxOperations',
  ...java('captain-goldfish.pom.xml', 'CaptainGoldfish.java', 'Checks.java'),
  files: ['captain-goldfish.pom.xml', 'CaptainGoldfish.java', 'Checks.java'],
  run: () => ['java', '-cp', 'classes:lib/*', 'CaptainGoldfish'],
  parse: parseChecks,
  answers: {},
}

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
  answers: {
    "takes a group's PATCH for a success":
      'The PATCH has been carried out, and 204 is among the answers that the client expects (RFC 7644 section 3.5.2), but by default it also wants each answer but a deletion’s to say Content-Type: application/scim+json, and an answer without content has no type to say (RFC 9110 section 8.3). Its users set setExpectedResponseHeaders(Map.of()) on such a request, or expectedHttpResponseHeaders in the configuration.',
  },
}

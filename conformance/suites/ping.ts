// Ping Identity's SCIM 2 SDK for Java, formerly UnboundID's: the client of PingDirectory and PingFederate's makers.
import { parseChecks } from '../checks.ts'
import { java } from '../runtimes.ts'
import type { Suite } from '../suite.ts'

export const ping: Suite = {
  name: 'ping',
  package: 'Maven com.unboundid.product.scim2:scim2-sdk-client 5.0.0',
  about: 'a directory’s life, with filters and PATCH operations as the SDK writes them',
  ...java('ping.pom.xml', 'Ping.java', 'Checks.java'),
  files: ['ping.pom.xml', 'Ping.java', 'Checks.java'],
  run: () => ['java', '-cp', 'classes:lib/*', 'Ping'],
  parse: parseChecks,
  answers: {},
}

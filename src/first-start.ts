// What the first start prints, once: where the APIs are, the tokens, and three commands that show the main job.
import { SCIM_PREFIX } from './http/scim/index.ts'
import type { FirstStart } from './services/bootstrap.ts'

/** `origin` is where the service answers, e.g. http://127.0.0.1:8080. */
export function firstStartMessage(
  { organizationId, directoryToken, adminToken }: FirstStart,
  origin: string,
): string {
  const organization = `${origin}/v1/organizations/${organizationId}`
  const json = "-H 'Content-Type: application/json'"
  const settings = '{"mode":"scim","groupMappings":false}'
  const user =
    '{"userName":"ada@example.com","emails":[{"value":"ada@example.com","primary":true}],"active":true}'
  return `
Rollcall is set up. These tokens are shown this once:

SCIM base URL: ${origin}${SCIM_PREFIX}
Directory token: ${directoryToken}
Admin token: ${adminToken}

Let SCIM decide who is a member, push a user as an identity provider does, and see the member that it became:

curl -X PUT ${organization}/provisioning -H 'Authorization: Bearer ${adminToken}' ${json} -d '${settings}'
curl ${origin}${SCIM_PREFIX}/Users -H 'Authorization: Bearer ${directoryToken}' ${json} -d '${user}'
curl ${organization}/members -H 'Authorization: Bearer ${adminToken}'

`
}

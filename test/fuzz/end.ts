// What must be true of the service when all inputs are through.
import { adminClient, type TestApp } from '../support/app.ts'
import { Administrated, answered } from '../support/provisioning.ts'

/** It lives; whoever is a member is so by an evaluation from scratch, and seats are as many as are counted. */
export async function endFaults(app: TestApp, parentOrganizationId: string): Promise<string[]> {
  const faults: string[] = []
  const admin = adminClient(app)
  for (const path of ['/healthz', '/readyz']) {
    const { status } = await app.http.get(path)
    if (status !== 200) faults.push(`${path} answers ${status}`)
  }
  const path = `/parent-organizations/${parentOrganizationId}/organizations?limit=1000`
  const organizations: { id: string; plan: string }[] = (await answered(admin.get(path), 200)).body
    .organizations
  for (const { id } of organizations) faults.push(...(await organizationFaults(new Administrated(admin, id))))
  return faults
}

async function organizationFaults(org: Administrated): Promise<string[]> {
  const faults: string[] = []
  const { body: settings } = await answered(org.admin.get(org.path('/provisioning')), 200)
  const again = await org.admin.put(org.path('/provisioning'), settings)
  const { added, changed, removed, waiting } = again.body.changes ?? {}
  if (again.status !== 200 || added + changed + removed + waiting !== 0) {
    faults.push(`${org.id}: an evaluation from scratch answers ${again.status} ${again.text.slice(0, 500)}`)
  }
  const members = await org.members()
  for (const [seatType, assigned] of Object.entries(await org.assigned())) {
    const counted = members.filter((member) => member.seatType === seatType).length
    if (counted !== assigned) faults.push(`${org.id}: ${assigned} ${seatType} assigned, ${counted} counted`)
  }
  return faults
}

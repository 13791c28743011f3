// The service's PATCH against that of scim-patch: the same operations on the same user must come out the same.
import { isDeepStrictEqual } from 'node:util'
import { scimPatch } from 'scim-patch'

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const user = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', enterprise],
  title: 'Engineer',
  active: true,
  name: { givenName: 'Ada', familyName: 'Byron' },
  emails: [
    { value: 'work@example.com', type: 'work', primary: true },
    { value: 'home@example.com', type: 'home' },
  ],
  phoneNumbers: [{ value: '1', type: 'work' }],
  [enterprise]: { department: 'Engines', costCenter: '7' },
}

const cases = {
  'adds a simple attribute': [{ op: 'add', path: 'nickName', value: 'Countess' }],
  'replaces a simple attribute': [{ op: 'replace', path: 'title', value: 'Lead' }],
  'removes a simple attribute': [{ op: 'remove', path: 'title' }],
  'replaces a Boolean': [{ op: 'replace', path: 'active', value: false }],
  'adds a sub-attribute': [{ op: 'add', path: 'name.middleName', value: 'King' }],
  'replaces a sub-attribute': [{ op: 'replace', path: 'name.givenName', value: 'Augusta' }],
  'removes a sub-attribute': [{ op: 'remove', path: 'name.familyName' }],
  'merges into a complex attribute': [{ op: 'add', path: 'name', value: { middleName: 'King' } }],
  'replaces sub-attributes of a complex attribute': [
    { op: 'replace', path: 'name', value: { givenName: 'A' } },
  ],
  'adds to a list': [{ op: 'add', path: 'phoneNumbers', value: [{ value: '2', type: 'mobile' }] }],
  'adds to a list what is there': [
    { op: 'add', path: 'phoneNumbers', value: [{ value: '1', type: 'work' }] },
  ],
  'replaces a list': [{ op: 'replace', path: 'phoneNumbers', value: [{ value: '3', type: 'other' }] }],
  'removes a list': [{ op: 'remove', path: 'phoneNumbers' }],
  'replaces in the value that a filter finds': [
    { op: 'replace', path: 'emails[type eq "home"].value', value: 'new@example.com' },
  ],
  'replaces the value that a filter finds': [
    { op: 'replace', path: 'emails[type eq "home"]', value: { value: 'new@example.com', type: 'home' } },
  ],
  'removes the value that a filter finds': [{ op: 'remove', path: 'emails[value eq "home@example.com"]' }],
  'removes a sub-attribute of the value that a filter finds': [
    { op: 'remove', path: 'emails[type eq "home"].type' },
  ],
  'removes by a filter with and': [{ op: 'remove', path: 'emails[type eq "work" and value sw "work@"]' }],
  'removes by a filter with or and not': [
    { op: 'remove', path: 'emails[not (type eq "work") or value co "nobody"]' },
  ],
  'adds attributes without a path': [{ op: 'add', value: { nickName: 'C', title: 'Lead' } }],
  'replaces attributes without a path': [{ op: 'replace', value: { title: 'Lead', active: false } }],
  'replaces an attribute of an extension': [
    { op: 'replace', path: `${enterprise}:department`, value: 'Sales' },
  ],
  'removes an attribute of an extension': [{ op: 'remove', path: `${enterprise}:costCenter` }],
  'applies operations one after another': [
    { op: 'remove', path: 'phoneNumbers' },
    { op: 'add', path: 'phoneNumbers', value: [{ value: '4', type: 'work' }] },
    { op: 'replace', path: 'phoneNumbers[type eq "work"].value', value: '5' },
  ],
}

let number = 0
for (const [name, operations] of Object.entries(cases)) {
  number += 1
  const outcome = await compare(`${number}@example.com`, operations).catch(({ message }) => message)
  const status = outcome === '' ? 'passed' : 'failed'
  process.stdout.write(`${JSON.stringify({ name, status, detail: outcome })}\n`)
}

/** Empty where both agree. */
async function compare(userName, operations) {
  const { body: before } = await send('POST', '/Users', { ...user, userName })
  const schemas = ['urn:ietf:params:scim:api:messages:2.0:PatchOp']
  const { status, body } = await send('PATCH', `/Users/${before.id}`, { schemas, Operations: operations })
  if (status !== 200) return `the service answered ${status}: ${body.detail}`
  const ours = content(body)
  const theirs = content(scimPatch(structuredClone(before), operations))
  return isDeepStrictEqual(ours, theirs) ? '' : `${JSON.stringify(ours)} is not ${JSON.stringify(theirs)}`
}

/** What the operations are about: the date of a change differs. */
function content({ meta, ...attributes }) {
  return attributes
}

async function send(method, path, body) {
  const response = await fetch(`${process.env.BASE_URL}${path}`, {
    method,
    headers: { Authorization: `Bearer ${process.env.TOKEN}`, 'Content-Type': 'application/scim+json' },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: await response.json() }
}

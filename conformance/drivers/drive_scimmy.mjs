// What the service publishes and answers, read by SCIMMY: its messages and its User and Group refuse what is not as
// RFC 7643 and RFC 7644 say.
import assert from 'node:assert/strict'
import SCIMMY from 'scimmy'

const { Messages, Schemas } = SCIMMY
const core = (type) => `urn:ietf:params:scim:schemas:core:2.0:${type}`
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const ada = {
  schemas: [core('User'), enterprise],
  userName: 'ada@example.com',
  name: { givenName: 'Ada', familyName: 'Byron' },
  emails: [{ value: 'ada@example.com', type: 'work', primary: true }],
  active: true,
  [enterprise]: { department: 'Engines' },
}
Schemas.User.extend(Schemas.EnterpriseUser)

const checks = {
  'reads the list of schemas, and finds each of its own attributes in it': async () => {
    const list = new Messages.ListResponse((await send('GET', '/Schemas')).body)
    for (const own of [Schemas.User, Schemas.Group, Schemas.EnterpriseUser]) {
      const { id, attributes } = own.definition.describe()
      const published = list.Resources.find((schema) => schema.id === id)
      const names = published.attributes.map(({ name }) => name)
      const lacking = attributes.filter(({ name }) => !names.includes(name) && name !== 'schemas')
      assert.deepEqual(
        lacking.filter(({ name }) => !name.startsWith('urn:')).map(({ name }) => name),
        [],
      )
    }
  },
  'reads a user that was created': async () => {
    const { status, body } = await send('POST', '/Users', ada)
    assert.equal(status, 201)
    const user = new Schemas.User(body, 'out')
    assert.equal(user.userName, ada.userName)
    assert.equal(user[enterprise].department, 'Engines')
  },
  'reads a list of users, found by a filter of its own making': async () => {
    const filter = new SCIMMY.Types.Filter('userName eq "ADA@example.com" and emails[type eq "work"]')
      .expression
    const { body } = await send('GET', `/Users?filter=${encodeURIComponent(filter)}`)
    const list = new Messages.ListResponse(body)
    assert.equal(list.totalResults, 1)
    assert.equal(new Schemas.User(list.Resources[0], 'out').name.familyName, 'Byron')
  },
  'reads a search by POST that it wrote': async () => {
    const request = new Messages.SearchRequest().prepare({
      filter: 'userName sw "ada"',
      attributes: ['userName'],
      count: 1,
    })
    const { body } = await send('POST', '/Users/.search', request)
    assert.equal(new Messages.ListResponse(body).totalResults, 1)
  },
  'reads a group with its members': async () => {
    const [{ id }] = (await send('GET', '/Users')).body.Resources
    const created = await send('POST', '/Groups', { displayName: 'Owners', members: [{ value: id }] })
    const group = new Schemas.Group(created.body, 'out')
    assert.deepEqual(
      group.members.map(({ value }) => value),
      [id],
    )
  },
  'applies operations as its own PATCH does': async () => {
    const before = (await send('GET', '/Users')).body.Resources[0]
    const operations = [
      { op: 'replace', path: 'title', value: 'Lead' },
      { op: 'add', path: 'emails', value: [{ value: 'home@example.com', type: 'home' }] },
      { op: 'replace', path: 'emails[type eq "work"].value', value: 'work@example.com' },
      { op: 'remove', path: 'name.givenName' },
    ]
    const request = new Messages.PatchOp({ schemas: [Messages.PatchOp.id], Operations: operations })
    const { body } = await send('PATCH', `/Users/${before.id}`, {
      schemas: request.schemas,
      Operations: operations,
    })
    const theirs = await request.apply(new Schemas.User(before, 'out'), (changed) => changed)
    const content = ({ title, emails, name }) => JSON.parse(JSON.stringify({ title, emails, name }))
    assert.deepEqual(content(body), content(theirs))
  },
  'reads the answer to a bulk that it wrote': async () => {
    const data = { schemas: [core('User')], userName: 'bulk@example.com' }
    const operations = [{ method: 'POST', path: '/Users', bulkId: 'u', data }]
    const request = { schemas: [Messages.BulkRequest.id], Operations: operations }
    const { body } = await send('POST', '/Bulk', new Messages.BulkRequest(request))
    const [outcome] = new Messages.BulkResponse(body).Operations
    assert.equal(outcome.status, '201')
  },
  'reads refusals as errors of SCIM': async () => {
    const refused = [
      [await send('GET', '/Users/none'), { status: 404 }],
      [await send('GET', '/Users?filter=x'), { status: 400, scimType: 'invalidFilter' }],
      [await send('POST', '/Users', ada), { status: 409, scimType: 'uniqueness' }],
    ]
    for (const [{ body }, expected] of refused) {
      // an answer of a service becomes an exception
      assert.throws(
        () => new Messages.ErrorResponse(body),
        (error) => {
          assert.ok(error instanceof SCIMMY.Types.Error)
          assert.deepEqual(
            { status: Number(error.status), scimType: error.scimType },
            { scimType: undefined, ...expected },
          )
          return true
        },
      )
    }
  },
}

for (const [name, check] of Object.entries(checks)) {
  const detail = await check().then(
    () => '',
    ({ message }) => message,
  )
  process.stdout.write(`${JSON.stringify({ name, status: detail === '' ? 'passed' : 'failed', detail })}\n`)
}

async function send(method, path, body) {
  const response = await fetch(`${process.env.BASE_URL}${path}`, {
    method,
    headers: { Authorization: `Bearer ${process.env.TOKEN}`, 'Content-Type': 'application/scim+json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: await response.json() }
}

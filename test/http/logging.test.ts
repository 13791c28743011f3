// What the log says of requests: which, how they ended, how long they took; no body, no URL, no token, at any level.
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { startTestApp } from '../support/app.ts'
import { bulkBody, patchBody } from '../support/protocol.ts'

test('RFC 7644 7.5.2 no password, name, address or token is logged, whatever becomes of the request', async () => {
  const lines: string[] = []
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const app = await startTestApp({ logger: pino({ level: 'trace' }, sink) })
  try {
    const { scim, token } = await app.createTenant()
    const [password, userName] = ['Tulip-mania-1637', 'ada.lovelace@example.com']
    const user = { userName, password, name: { givenName: 'Augusta' } }
    const { id } = (await scim.post('/Users', user).expect(201)).body
    await scim.post('/Users', user).expect(409)
    await scim.put(`/Users/${id}`, user).expect(200)
    await scim.put(`/Users/${id}`, { ...user, active: password }).expect(400)
    await scim
      .patch(`/Users/${id}`, patchBody({ op: 'replace', path: 'password', value: password }))
      .expect(200)
    await scim.patch(`/Users/${id}`, patchBody({ op: 'replace', path: password, value: 'x' })).expect(400)
    await scim
      .post('/Bulk', bulkBody([{ method: 'POST', path: '/Users', bulkId: 'a', data: user }]))
      .expect(200)
    await scim.get(`/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}`).expect(200)
    await scim.get(`/Users/${encodeURIComponent(userName)}`).expect(404)
    await app.http
      .post('/scim/v2/Users')
      .set('Authorization', `Bearer ${token}`)
      .set('Content-Type', 'application/scim+json')
      .send(`{"userName":"${userName}","password":"${password}"`)
      .expect(400)
    await app.http.get('/scim/v2/Users').set('Authorization', `Bearer ${password}`).expect(401)
    const log = lines.join('')
    expect(log).toContain('"route":"/scim/v2/Users/:id"')
    for (const secret of [
      password,
      userName,
      encodeURIComponent(userName),
      'Augusta',
      token,
      token.slice(-20),
    ]) {
      expect(log).not.toContain(secret)
    }
  } finally {
    await app.close()
  }
})

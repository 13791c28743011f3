// A3 the receiver that the README shows, as it stands there, takes what the service sends and nothing else.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { adminClient, startTestApp } from '../support/app.ts'
import { answered } from '../support/provisioning.ts'
import { anEndpoint, fastWebhooks } from '../support/webhooks.ts'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

test('A3 the receiver of the README verifies and keeps a message, and refuses one that is not signed', async () => {
  const example = /```js\n(import \{ createServer \}[\s\S]*?)```/.exec(readme)?.[1] ?? ''
  expect(example).toContain('.listen(3000)')
  const app = await startTestApp({ webhooks: fastWebhooks })
  const hook = await anEndpoint(app, { url: 'http://127.0.0.1:1/', enabled: false })
  const program = [
    'globalThis.keep = async (id, type) => console.log(id, type)',
    example.replace(
      '.listen(3000)',
      '.listen(0, "127.0.0.1", function () { console.log(this.address().port) })',
    ),
  ].join('\n')
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: new URL('../..', import.meta.url),
    env: { ...process.env, ROLLCALL_WEBHOOK_SECRET: hook.secret },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const url = `http://127.0.0.1:${(await lines.next()).value}/rollcall`
    await hook.change({ url })
    const { body } = await answered(adminClient(app).post(`${hook.path}:test`), 200)
    expect(body).toMatchObject({ delivered: true, status: 204 })
    expect((await lines.next()).value).toMatch(/^test_\S+ webhook_endpoint\.test$/)
    expect((await fetch(url, { method: 'POST', body: '{"type":"user.deleted"}' })).status).toBe(400)
  } finally {
    child.kill()
    await app.close()
  }
})

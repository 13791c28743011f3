// What a process keeps of tokens, and when it asks anew.
import { expect, test } from 'vitest'
import { KnownTokens } from '../../src/services/known-tokens.ts'
import type { PresentedToken } from '../../src/store/tokens.ts'

const token = (id: string): PresentedToken => ({
  id,
  directoryId: 'd',
  expiresAt: null,
  revokedAt: null,
  lastUsedAt: null,
  schemasVersion: 0,
})

/** A reader whose answers are given by hand, in the order in which it was asked. */
function aReader() {
  const asked: PromiseWithResolver[] = []
  const read = () =>
    new Promise<PresentedToken | null>((resolve, reject) => void asked.push({ resolve, reject }))
  return { asked, read }
}

interface PromiseWithResolver {
  resolve(token: PresentedToken | null): void
  reject(error: Error): void
}

const hash = Buffer.from('some hash')

test('those who ask at once share one answer, and whoever comes next has it too', async () => {
  const known = new KnownTokens()
  const { asked, read } = aReader()
  const finding = [known.find(hash, read), known.find(hash, read)]
  expect(asked).toHaveLength(1)
  asked[0]?.resolve(token('t'))
  expect(await Promise.all(finding)).toEqual([token('t'), token('t')])
  expect(await known.find(hash, () => Promise.reject(new Error('asked again')))).toEqual(token('t'))
})

test('each token has its own answer', async () => {
  const known = new KnownTokens()
  await known.find(hash, async () => token('one'))
  expect(await known.find(Buffer.from('another'), async () => token('two'))).toEqual(token('two'))
})

test('an answer that was under way when tokens changed is nobody else’s', async () => {
  const known = new KnownTokens()
  const { asked, read } = aReader()
  const before = known.find(hash, read)
  known.forget()
  const after = known.find(hash, read)
  asked[1]?.resolve({ ...token('t'), revokedAt: new Date() })
  asked[0]?.resolve(token('t'))
  expect((await before)?.revokedAt).toBeNull()
  expect((await after)?.revokedAt).toEqual(expect.any(Date))
  expect((await known.find(hash, read))?.revokedAt).toEqual(expect.any(Date))
})

test('an unknown token and a failure are not kept', async () => {
  const known = new KnownTokens()
  expect(await known.find(hash, async () => null)).toBeNull()
  await expect(known.find(hash, () => Promise.reject(new Error('outage')))).rejects.toThrow('outage')
  expect(await known.find(hash, async () => token('t'))).toEqual(token('t'))
})

test('what was kept longest goes first when there are too many', async () => {
  const known = new KnownTokens()
  await known.find(hash, async () => token('first'))
  for (let i = 0; i < 10_000; i += 1) await known.find(Buffer.from(`hash ${i}`), async () => token(`t${i}`))
  expect(await known.find(hash, async () => token('anew'))).toEqual(token('anew'))
  const youngest = Buffer.from('hash 9999')
  expect(await known.find(youngest, async () => token('anew'))).toEqual(token('t9999'))
})

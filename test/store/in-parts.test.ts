// Writes under way: a few at once, in their order, and a failure is told.
import { expect, test } from 'vitest'
import { UnderWay } from '../../src/store/in-parts.ts'

/** A write that ends when it is told to. */
function aWrite() {
  let end: () => void = () => {}
  let fail: (error: Error) => void = () => {}
  const promise = new Promise<void>((resolve, reject) => {
    end = resolve
    fail = reject
  })
  return { promise, end, fail }
}

const isSettled = async (work: Promise<unknown>) =>
  (await Promise.race([work.then(() => true), new Promise((resolve) => setImmediate(resolve, false))])) ===
  true

test('a third write waits for the first', async () => {
  const underWay = new UnderWay()
  const [first, second, third] = [aWrite(), aWrite(), aWrite()]
  await underWay.add(first.promise)
  await underWay.add(second.promise)
  const added = underWay.add(third.promise)
  second.end()
  expect(await isSettled(added)).toBe(false)
  first.end()
  await added
  const ended = underWay.ended()
  expect(await isSettled(ended)).toBe(false)
  third.end()
  await ended
})

test('a failure is told to whoever adds the next or waits for the end', async () => {
  const [failing, another, next] = [aWrite(), aWrite(), aWrite()]
  const underWay = new UnderWay()
  await underWay.add(failing.promise)
  await underWay.add(another.promise)
  failing.fail(new Error('the first'))
  await expect(underWay.add(next.promise)).rejects.toThrow('the first')
  another.fail(new Error('the second'))
  await expect(underWay.ended()).rejects.toThrow('the second')
})

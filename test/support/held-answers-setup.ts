// Runs in every test file: the test in which the admin API answered what its document does not say has failed.
import { afterAll, afterEach, expect } from 'vitest'
import { heldAnswers } from './held-answers-found.ts'

const nothingWrong = () =>
  expect(heldAnswers.takeFaults(), 'answers that are not as /v1/openapi.json says').toEqual([])

afterEach(nothingWrong)
// also what a hook asked
afterAll(nothingWrong)

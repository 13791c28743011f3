// How the fault suite runs: one scenario after the other, each with a PostgreSQL and processes of its own.
import { defineConfig } from 'vitest/config'
import { isShort } from './test/faults/support/size.ts'

/** What the short form plays, little of each; the long form plays all. */
const short = ['killed-service', 'stopped-database', 'several-processes', 'rolling-restart']

export default defineConfig({
  test: {
    include: (isShort ? short : ['*']).map((name) => `test/faults/${name}.test.ts`),
    fileParallelism: false,
    testTimeout: 180_000,
    // the figures are what it is run for
    reporters: ['verbose'],
    disableConsoleIntercept: true,
  },
})

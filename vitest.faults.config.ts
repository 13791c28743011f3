// How the fault suite runs: one scenario after the other, each with a PostgreSQL and processes of its own.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/faults/*.test.ts'],
    fileParallelism: false,
    testTimeout: 180_000,
    // the figures are what it is run for
    reporters: ['verbose'],
    disableConsoleIntercept: true,
  },
})

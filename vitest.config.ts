// How the tests run: one PostgreSQL for all of them (test/support/global-setup.ts), files side by side.

import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // they have their own: vitest.faults.config.ts
    exclude: ['test/faults/**'],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/held-answers-setup.ts'],
    // Tests wait for the database and for other processes: a slow machine must not fail them.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // More workers than processors only make each other late; one alone would leave the database idle.
    maxWorkers: Math.max(2, Math.min(4, availableParallelism())),
  },
})

import { defineConfig } from 'vitest/config'

/** Suites on real engines. Nothing here skips: a missing engine is installed by `test/engines/`, or the run fails. */
export default defineConfig({
  root: '.',
  test: {
    include: ['test/real/**/*.test.ts'],
    globalSetup: ['test/real/start-engines.ts'],
    server: { deps: { inline: [/graphql/, /pothos/] } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
})

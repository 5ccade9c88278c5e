import { defineConfig } from 'vitest/config'

/** Suites that read official reference data from `REFERENCE_DATA` (default `../shared`); they fail when it is absent. */
export default defineConfig({
  root: '.',
  test: {
    include: ['test/reference/**/*.test.ts'],
    server: { deps: { inline: [/graphql/, /pothos/] } },
    testTimeout: 120_000,
  },
})

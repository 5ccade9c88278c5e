import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'practicals/**/*.test.ts', 'skills-ontology/**/*.test.ts'],
    exclude: ['test/real/**', 'test/reference/**', 'node_modules/**'],
    server: { deps: { inline: [/graphql/, /pothos/] } },
    testTimeout: 20_000,
    passWithNoTests: false,
  },
})

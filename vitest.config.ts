import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import './functions/need-node-24.mjs'

export default defineConfig({
  // The module builds of graphql and of what stands on it: two copies do not know each other's errors.
  resolve: { mainFields: ['module', 'main'] },
  ssr: { resolve: { mainFields: ['module', 'main'] } },
  test: {
    include: ['test/**/*.test.ts', 'practicals/**/*.test.ts', 'skills-ontology/**/*.test.ts'],
    exclude: ['test/real/**', 'test/reference/**', 'node_modules/**'],
    server: { deps: { inline: [/graphql/, /pothos/] } },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    passWithNoTests: false,
    // Left alone it keeps one core for itself: on two that is half of the machine.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
})

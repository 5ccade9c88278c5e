import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import './functions/need-node-24.mjs'

/** They change what holds for a whole process, or need it as it was at its start. */
const apart = ['test/edge/registered-sign-in.test.ts']
const exclude = ['test/real/**', 'test/reference/**', 'node_modules/**']

export default defineConfig({
  // The module builds of graphql and of what stands on it: two copies do not know each other's errors.
  resolve: { mainFields: ['module', 'main'] },
  ssr: { resolve: { mainFields: ['module', 'main'] } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts', 'practicals/**/*.test.ts', 'skills-ontology/**/*.test.ts'],
          exclude: [...exclude, ...apart],
          // A file finds the modules of the one before it: loading them anew for each took a fifth of the time.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'apart', include: apart } },
    ],
    server: { deps: { inline: [/graphql/, /pothos/] } },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    setupFiles: ['test/support/each-file.ts'],
    passWithNoTests: false,
    // Left alone it keeps one core for itself: on two that is half of the machine.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
})

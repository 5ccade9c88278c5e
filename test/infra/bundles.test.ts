import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadOntology } from '#skills-ontology/load.ts'
import { unpackShipped } from '#skills-ontology/packed.ts'
import { bundleFunctions } from '../../infra/bundle.ts'
import { readDeployment } from '../../infra/deployment.ts'
import { expectWithinBudget } from './budgets.ts'
import { loadedAtStart } from './loaded-at-start.ts'

/** The largest one stands here for all; `test/real/assembly.test.ts` holds each to its own. */
test('the function of GraphQL keeps to its budget when it starts, and has the ontology that was judged', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'academy-bundles-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const deployment = readDeployment('infra/example-deployment.json')
  const { graphql } = await bundleFunctions(['graphql'], deployment, folder)
  expectWithinBudget('graphql', loadedAtStart(graphql))
  const packed = readFileSync(join(folder, 'graphql', 'ontology.json'), 'utf8')
  expect(unpackShipped(packed)).toEqual(loadOntology())
})

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { sealOptions } from '#functions/seal-options.ts'
import { readSettings } from '#functions/settings.ts'
import { loadOntology } from '#skills-ontology/load.ts'
import { unpackShipped } from '#skills-ontology/packed.ts'
import { testAuthority } from '#test/edc/test-authority.ts'
import { bundleFunctions } from '../../infra/bundle.ts'
import { parseDeployment, readDeployment } from '../../infra/deployment.ts'
import { expectWithinBudget } from './budgets.ts'
import { loadedAtStart } from './loaded-at-start.ts'

/** The largest one stands here for all; `test/real/assembly.test.ts` holds each to its own. */
test('the function of GraphQL keeps to its budget when it starts, and has the ontology that was judged', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'academy-bundles-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const deployment = readDeployment('infra/example-deployment.json')
  const { graphql } = await bundleFunctions(['graphql'], deployment, folder)
  const loaded = loadedAtStart(graphql)
  expectWithinBudget('graphql', loaded)
  // What only introspection tells, which is refused; ways to credentials that Lambda does not have.
  expect(readFileSync('schema/schema.graphql', 'utf8')).toContain('For those who assess and issue.')
  expect(loaded.text).not.toContain('For those who assess and issue.')
  expect(Object.keys(graphql.inputs).filter((path) => /credential-provider-(ini|sso)/.test(path))).toEqual([])
  const packed = readFileSync(join(folder, 'graphql', 'ontology.json'), 'utf8')
  expect(unpackShipped(packed)).toEqual(loadOntology())
})

test('a time stamp authority and the status of seals are set on AWS, too: its certificates lie beside the bundle as the deployment file has them', async () => {
  const authority = testAuthority()
  onTestFinished(() => authority.close())
  const folder = join(authority.folder, 'bundles')
  const root = authority.root()
  const timeStamps = { server: 'https://stamps.example/', certificates: [root.toString('base64')] }
  const example = JSON.parse(readFileSync('infra/example-deployment.json', 'utf8'))
  await bundleFunctions([], parseDeployment({ ...example, timeStamps }), folder)
  const certFile = join(folder, 'prepared/all/time-stamps.pem')
  const env = { SEAL_STATUS: 'bitstring', TSA_URL: timeStamps.server, TSA_CERT_FILE: certFile }
  const seals = sealOptions(readSettings(env).seal)
  expect(seals).toMatchObject({ signingTime: 'iat', statusEntries: true })
  expect(seals.timeStamps?.anchors.map((anchor) => Buffer.from(anchor))).toEqual([root])
  expect(sealOptions(readSettings({}).seal)).toEqual({ signingTime: 'iat' })
})

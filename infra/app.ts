import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { academyApp, synthesizeJudged } from './academy-app.ts'
import { bundleFunctions } from './bundle.ts'
import { BadDeployment, readDeployments } from './deployment.ts'
import { entries } from './functions.ts'

/** `npm run synth`: the cloud assembly of the deployments that `DEPLOYMENT` names; the shipped example when none is. */
const folder = mkdtempSync(join(tmpdir(), 'academy-bundles-'))
try {
  const deployments = readDeployments(
    process.env['DEPLOYMENT'] || join(import.meta.dirname, 'example-deployment.json'),
  )
  for (const deployment of deployments)
    await bundleFunctions(entries, deployment, join(folder, deployment.name))
  synthesizeJudged(academyApp(deployments, ({ name }, entry) => join(folder, name, entry)))
} catch (error) {
  if (!(error instanceof BadDeployment)) throw error
  process.stderr.write(`The deployment cannot be used.\n${error.message}\n`)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

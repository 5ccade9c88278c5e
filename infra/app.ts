import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { academyApp } from './academy-app.ts'
import { allowances, type Entry } from './allowances.ts'
import { bundleFunctions } from './bundle.ts'
import { BadDeployment, readDeployment } from './deployment.ts'

/** `npm run synth`: the cloud assembly of the deployment that `DEPLOYMENT` names; the shipped example when none is. */
const folder = mkdtempSync(join(tmpdir(), 'academy-bundles-'))
try {
  const deployment = readDeployment(
    process.env['DEPLOYMENT'] || join(import.meta.dirname, 'example-deployment.json'),
  )
  await bundleFunctions(Object.keys(allowances) as Entry[], deployment, folder)
  academyApp(deployment, (entry) => join(folder, entry)).app.synth()
} catch (error) {
  if (!(error instanceof BadDeployment)) throw error
  process.stderr.write(`The deployment cannot be used.\n${error.message}\n`)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

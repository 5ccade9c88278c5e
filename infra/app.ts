import { join } from 'node:path'
import { academyApp } from './academy-app.ts'
import { BadDeployment, readDeployment } from './deployment.ts'

/** `npm run synth`: the cloud assembly of the deployment that `DEPLOYMENT` names; the shipped example when none is. */
try {
  const file = process.env['DEPLOYMENT'] || join(import.meta.dirname, 'example-deployment.json')
  academyApp(readDeployment(file)).app.synth()
} catch (error) {
  if (!(error instanceof BadDeployment)) throw error
  process.stderr.write(`The deployment cannot be used.\n${error.message}\n`)
  process.exitCode = 1
}

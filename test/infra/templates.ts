import { readFileSync } from 'node:fs'
import type { Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { academyApp } from '../../infra/academy-app.ts'
import { type Deployment, parseDeployment } from '../../infra/deployment.ts'

export const example: { institutions: object[] } = JSON.parse(
  readFileSync('infra/example-deployment.json', 'utf8'),
)

/** The example with everything a deployment may have. */
export const whole: Deployment = parseDeployment({
  ...example,
  ...JSON.parse(readFileSync('test/infra/whole-deployment.json', 'utf8')),
  institutions: example.institutions.map((institution) => ({ ...institution, sealKey: 'trust-service' })),
})

/** That with every setting there is, of the file and of its parts; deployed with the context flag `edge`. */
export const fullestContent = {
  ...whole,
  institutions: whole.institutions.map((institution) => ({
    ...institution,
    certificates: ['A'.repeat(400)],
    furtherKeys: ['next'],
  })),
  anchors: ['A'.repeat(400)],
  identity: {
    issuers: whole.identity.issuers.map((issuer) => ({
      ...issuer,
      signIn: { clientId: 'academy', clientAuthentication: 'client_secret_basic' },
    })),
  },
  trust: { issuers: [] },
  timeStamps: { server: 'https://tsa.example/', certificates: ['A'.repeat(400)] },
  graph: { ...whole.graph, database: 'academy' },
  traces: { collector: 'http://localhost:4318', ratio: 1 },
  logRetentionDays: 365,
  keyBackupDays: 30,
  requestsPerSecond: 5000,
  burst: 5000,
  settings: { SEAL_SIGNING_TIME: 'sigT', RATE_LIMIT_GRAPHQL: 100, RUN_FILES_DAYS: 30 },
}

export const fullest: Deployment = parseDeployment(fullestContent)

export type Part = 'data' | 'api' | 'practicals' | 'work' | 'watch' | 'edge' | 'firewall'

// Judged in `test/real/assembly.test.ts`, where there is time for it.
process.env['CDK_VALIDATION'] = 'false'

/** The templates of a deployment; another folder stands for each bundle, so that esbuild stays out. */
export function templates(deployment: Deployment, context: object = {}): (part: Part) => Template {
  const app = academyApp([deployment], () => 'infra/bundled', { context: { ...context } })
  const made = new Map<Part, Template>()
  return (part) => {
    const known =
      made.get(part) ?? Template.fromStack(app.node.findChild(`${deployment.name}-${part}`) as Stack)
    made.set(part, known)
    return known
  }
}

/** The properties of every resource of a type, by logical id. */
export function propertiesOf(template: Template, type: string): Record<string, Record<string, unknown>> {
  const found = Object.entries(template.findResources(type)) as [
    string,
    { Properties: Record<string, unknown> },
  ][]
  return Object.fromEntries(found.map(([id, { Properties }]) => [id, Properties]))
}

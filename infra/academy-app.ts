import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { App, type AppProps, Tags, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks } from 'cdk-nag'
import { ApiStack, type Bundles } from './api-stack.ts'
import { DataStack } from './data-stack.ts'
import type { Deployment } from './deployment.ts'

/** The same whether the CLI starts us or not. */
const flags = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'cdk.json'), 'utf8')) as {
  context: Record<string, unknown>
}

/** The stacks of one academy, judged by cdk-nag when they are synthesized. */
export function academyApp(
  deployment: Deployment,
  bundles: Bundles,
  props: AppProps = {},
): { app: App; data: DataStack; api: ApiStack } {
  const app = new App({ ...props, context: { ...flags.context, ...props.context } })
  const { name, region } = deployment
  const env = region === undefined ? {} : { env: { region } }
  // The data outlive a slip of the hand: nobody deletes their stack without first saying so to it.
  const data = new DataStack(app, `${name}-data`, deployment, { ...env, terminationProtection: true })
  const api = new ApiStack(app, `${name}-api`, { deployment, data, bundles }, env)
  Tags.of(app).add('academy', name)
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
  return { app, data, api }
}

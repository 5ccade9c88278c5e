import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { App, type AppProps, type Stack, Tags, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks } from 'cdk-nag'
import type { Academy } from './academy-function.ts'
import { ApiStack } from './api-stack.ts'
import { DataStack } from './data-stack.ts'
import { atEdge, BadDeployment, type Deployment } from './deployment.ts'
import { edgeStacks } from './edge-stack.ts'
import type { Entry } from './functions.ts'
import { PracticalsStack } from './practicals-stack.ts'
import { WatchStack } from './watch-stack.ts'
import { WorkStack } from './work-stack.ts'

/** The same whether the CLI starts us or not. */
const flags = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'cdk.json'), 'utf8')) as {
  context: Record<string, unknown>
}

/** Where the bundle of a function of a deployment lies. */
export type Bundles = (deployment: Deployment, entry: Entry) => string

/** The stacks of some academies in one assembly. */
export function academyApp(deployments: readonly Deployment[], bundles: Bundles, props: AppProps = {}): App {
  const app = new App({ ...props, context: { ...flags.context, ...props.context } })
  for (const deployment of deployments) addAcademy(app, deployment, bundles)
  return app
}

/** Writes the assembly, unless cdk-nag or CloudFormation's own rules find anything in it. */
export function synthesizeJudged(app: App): void {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
  app.synth()
}

function addAcademy(app: App, described: Deployment, bundles: Bundles): void {
  const { name, region, account, stage } = described
  const wantsEdge = isOn('edge', app.node.tryGetContext('edge'))
  if (wantsEdge && !described.edge)
    throw new BadDeployment([`edge: must be set in ${name} for the context flag edge`])
  const deployment = atEdge(described, wantsEdge)
  const env = region === undefined ? {} : { env: { region, ...(account === undefined ? {} : { account }) } }
  // The data outlive a slip of the hand: nobody deletes their stack without first saying so to it.
  const terminationProtection = stage !== 'trial'
  const data = new DataStack(app, `${name}-data`, deployment, { ...env, terminationProtection })
  const academy: Academy = { deployment, data, bundles: (entry) => bundles(described, entry) }
  const api = new ApiStack(app, `${name}-api`, academy, env)
  const practicals = deployment.sites && new PracticalsStack(app, `${name}-practicals`, academy, env)
  const work = new WorkStack(app, `${name}-work`, { ...academy, practicals }, env)
  const watch = new WatchStack(app, `${name}-watch`, { deployment, data, api, work, practicals }, env)
  const stacks: Stack[] = [data, api, work, watch, ...(practicals ? [practicals] : [])]
  const { edge } = deployment
  const originSecret = data.secrets.edge
  if (edge && originSecret) stacks.push(...edgeStacks(app, { deployment, edge, api, originSecret }))
  for (const stack of stacks) {
    Tags.of(stack).add('academy', name)
    Tags.of(stack).add('stage', stage)
  }
}

/** A context flag comes as a text from the command line. Throws `BadDeployment` when it says neither. */
function isOn(name: string, flag: unknown = false): boolean {
  if (!['true', 'false'].includes(String(flag)))
    throw new BadDeployment([`${name}: the context flag must be true or false`])
  return String(flag) === 'true'
}

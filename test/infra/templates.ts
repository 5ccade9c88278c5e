import { readFileSync } from 'node:fs'
import { Template } from 'aws-cdk-lib/assertions'
import { academyApp } from '../../infra/academy-app.ts'
import { type Deployment, parseDeployment } from '../../infra/deployment.ts'

export const example: unknown = JSON.parse(readFileSync('infra/example-deployment.json', 'utf8'))

/** The templates of a deployment; another folder stands for each bundle, so that esbuild stays out. */
export function templates(deployment: Deployment = parseDeployment(example)): {
  data: Template
  api: Template
} {
  const { data, api } = academyApp(deployment, () => 'infra')
  return { data: Template.fromStack(data), api: Template.fromStack(api) }
}

/** The properties of every resource of a type, by logical id. */
export function propertiesOf(template: Template, type: string): Record<string, Record<string, unknown>> {
  const found = Object.entries(template.findResources(type)) as [
    string,
    { Properties: Record<string, unknown> },
  ][]
  return Object.fromEntries(found.map(([id, { Properties }]) => [id, Properties]))
}
